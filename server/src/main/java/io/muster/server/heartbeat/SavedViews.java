package io.muster.server.heartbeat;

import io.muster.server.problem.Problem;
import io.muster.server.problem.Refused;
import java.util.List;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;

/** The table {@code check_view}: lists of checks that a person keeps. Nobody sees or changes another's. */
@Repository
class SavedViews {

    /** So many has one person at most. */
    static final int MOST = 20;

    /** Characters of a kept query. */
    private static final int LONGEST = 2_000;

    /** @param query as in the page's address: {@link CheckFilter#query} */
    record SavedView(long id, String name, String query, boolean isDefault) {}

    private final JdbcClient db;

    SavedViews(JdbcClient db) {
        this.db = db;
    }

    /** By name. */
    List<SavedView> of(String account) {
        return db.sql("""
                select id, name, query, is_default
                  from check_view
                 where account = :account
                 order by lower(name), id
                """)
                .param("account", account)
                .query((row, n) -> new SavedView(
                        row.getLong("id"), row.getString("name"), row.getString("query"), row.getBoolean("is_default")))
                .list();
    }

    /** Keeps the list under the name; one that has it already is replaced. */
    @Transactional
    void keep(String account, String name, CheckFilter filter) {
        var kept = of(account);
        if (kept.size() >= MOST && kept.stream().noneMatch(view -> view.name().equals(name.strip()))) {
            throw new Refused("name", "is one too many: " + MOST + " views are kept, delete one first");
        }
        var query = filter.query();
        if (query.length() > LONGEST) {
            throw new Refused(
                    "query",
                    "must have " + LONGEST + " characters at most to be kept, as the address has it; got "
                            + query.length() + ": look for less");
        }
        db.sql("""
                insert into check_view (account, name, query)
                values (:account, :name, :query)
                on conflict (account, name) do update set query = excluded.query
                """)
                .param("account", account)
                .param("name", name(name))
                .param("query", query)
                .update();
    }

    @Transactional
    void rename(String account, long id, String name) {
        try {
            require(db.sql("update check_view set name = :name where account = :account and id = :id")
                    .param("account", account)
                    .param("id", id)
                    .param("name", name(name))
                    .update());
        } catch (DuplicateKeyException taken) {
            throw new Refused("name", "is that of another view");
        }
    }

    /** From now on the menu opens it, or if it did so before: all checks, worst first. */
    @Transactional
    void open(String account, long id) {
        db.sql("update check_view set is_default = false where account = :account and is_default and id <> :id")
                .param("account", account)
                .param("id", id)
                .update();
        require(db.sql("update check_view set is_default = not is_default where account = :account and id = :id")
                .param("account", account)
                .param("id", id)
                .update());
    }

    @Transactional
    void delete(String account, long id) {
        require(db.sql("delete from check_view where account = :account and id = :id")
                .param("account", account)
                .param("id", id)
                .update());
    }

    private static String name(String given) {
        var name = given.strip();
        Texts.require("name", name, 1, 60);
        return name;
    }

    private static void require(int changed) {
        if (changed == 0) throw Problem.notFound("There is no such view, or it is not yours.");
    }
}
