package io.muster.server.tenancy;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The table {@code declared_set}: which set of {@code apply} declared what. */
@Repository
class DeclaredSets {

    private final JdbcClient db;

    DeclaredSets(JdbcClient db) {
        this.db = db;
    }

    /** What was declared is of this set from now on. */
    void add(String set, String kind, Collection<String> ids) {
        db.sql("""
                insert into declared_set (set_id, kind, id)
                select :set, :kind, id from unnest(cast(:ids as text[])) as declared (id)
                    on conflict do nothing
                """)
                .param("set", set)
                .param("kind", kind)
                .param("ids", ids.toArray(String[]::new))
                .update();
    }

    /** In the order of ids, from behind {@code afterId}. */
    List<String> ids(String set, String kind, String afterId, int limit) {
        return db.sql("""
                select id
                  from declared_set
                 where set_id = :set and kind = :kind and id > :after
                 order by id
                 limit :limit
                """)
                .param("set", set)
                .param("kind", kind)
                .param("after", afterId)
                .param("limit", limit)
                .query((row, n) -> row.getString(1))
                .list();
    }

    /** Those of {@code ids} that no other set holds. */
    List<String> only(String set, String kind, Collection<String> ids) {
        var shared = new HashSet<>(db.sql("""
                select id
                  from declared_set
                 where kind = :kind and id = any (cast(:ids as text[])) and set_id <> :set
                """)
                .param("set", set)
                .param("kind", kind)
                .param("ids", ids.toArray(String[]::new))
                .query((row, n) -> row.getString(1))
                .list());
        return ids.stream().filter(id -> !shared.contains(id)).toList();
    }

    void remove(String set, String kind, Collection<String> ids) {
        db.sql("delete from declared_set where set_id = :set and kind = :kind and id = any (cast(:ids as text[]))")
                .param("set", set)
                .param("kind", kind)
                .param("ids", ids.toArray(String[]::new))
                .update();
    }

    /** What is deleted is of no set. */
    void forget(String kind, Collection<String> ids) {
        db.sql("delete from declared_set where kind = :kind and id = any (cast(:ids as text[]))")
                .param("kind", kind)
                .param("ids", ids.toArray(String[]::new))
                .update();
    }
}
