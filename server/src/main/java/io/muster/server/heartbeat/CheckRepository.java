package io.muster.server.heartbeat;

import io.muster.server.heartbeat.Ping.Target.BySlug;
import java.sql.Types;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Reads the table {@code checks}. */
@Repository
class CheckRepository {

    private final JdbcClient db;
    private final RunRepository runs;

    CheckRepository(JdbcClient db, RunRepository runs) {
        this.db = db;
        this.runs = runs;
    }

    Optional<Check> byJobId(String project, String jobId) {
        return complete(db.sql("select " + CheckColumns.ALL
                                + " from checks where project = :project and job_id = :jobId")
                        .param("project", project)
                        .param("jobId", jobId))
                .stream()
                .findFirst();
    }

    Optional<Check> byUuid(UUID uuid) {
        return one("uuid", uuid);
    }

    Optional<Check> byUniqueKey(String key) {
        return one("unique_key", key);
    }

    /** By a column whose values are unique. */
    private Optional<Check> one(String column, Object value) {
        return complete(db.sql("select " + CheckColumns.ALL + " from checks where " + column + " = :value")
                        .param("value", value))
                .stream()
                .findFirst();
    }

    List<Check> byJobIds(String project, Collection<String> jobIds) {
        return complete(db.sql("select " + CheckColumns.ALL
                        + " from checks where project = :project and job_id = any (:jobIds)")
                .param("project", project)
                .param("jobIds", jobIds.toArray(String[]::new)));
    }

    /** In the order of ids. */
    List<Check> byIds(Collection<Long> ids) {
        return complete(db.sql("select " + CheckColumns.ALL + " from checks where id = any (:ids) order by id")
                .param("ids", ids.toArray(Long[]::new)));
    }

    List<Check> page(String project, @Nullable String afterJobId, int limit) {
        return complete(db.sql("select " + CheckColumns.ALL + """
                          from checks
                         where project = :project
                           and job_id > :after
                         order by job_id
                         limit :limit
                        """)
                .param("project", project)
                .param("after", afterJobId == null ? "" : afterJobId)
                .param("limit", limit));
    }

    boolean anyWithUuid(Collection<UUID> uuids) {
        return db.sql("select exists (select from checks where uuid = any (:uuids))")
                .param("uuids", uuids.toArray(UUID[]::new))
                .query(Boolean.class)
                .single();
    }

    /** Of one project, in the order of creation; those behind {@code after}. */
    List<Check> behind(long after, String project, int limit) {
        return complete(db.sql("select " + CheckColumns.ALL + """
                          from checks
                         where project = :project
                           and id > :after
                         order by id
                         limit :limit
                        """)
                .param("project", project)
                .param("after", after)
                .param("limit", limit));
    }

    Optional<Check> byBadgeKey(UUID key) {
        return one("badge_key", key);
    }

    /** Of one project, in the order of creation; those with this slug and all of these tags. */
    List<Long> idsOf(String project, @Nullable String slug, Collection<String> tags) {
        return db.sql("select id from checks where project = :project"
                        + (slug == null ? "" : " and slug = :slug")
                        + (tags.isEmpty() ? "" : " and " + CheckBoard.HAS_TAGS)
                        + " order by id")
                .param("project", project)
                .param("slug", slug, Types.VARCHAR)
                .param("tags", tags.toArray(String[]::new))
                .query((row, n) -> row.getLong(1))
                .list();
    }

    /** The oldest check of the project that has all that is given. */
    Optional<UUID> like(String project, CompatBody.Like like) {
        var text = new StringBuilder("select uuid from checks where project = :project");
        var values = new HashMap<String, Object>(Map.of("project", project));
        BiConsumer<String, @Nullable Object> must = (column, value) -> {
            if (value == null) return;
            text.append(" and ").append(column).append(" = :").append(column);
            values.put(column, value);
        };
        must.accept("name", like.name());
        must.accept("slug", like.slug());
        must.accept("tags", like.tags());
        must.accept(
                "every_seconds", like.timeout() == null ? null : like.timeout().toSeconds());
        must.accept("grace_seconds", like.grace() == null ? null : like.grace().toSeconds());
        return db.sql(text.append(" order by id limit 1").toString())
                .params(values)
                .query((row, n) -> row.getObject(1, UUID.class))
                .optional();
    }

    long count(String project) {
        return db.sql("select count(*) from checks where project = :project")
                .param("project", project)
                .query(Long.class)
                .single();
    }

    List<Long> idsByUuid(Collection<UUID> uuids) {
        return db.sql("select id from checks where uuid = any (:uuids)")
                .param("uuids", uuids.toArray(UUID[]::new))
                .query((row, n) -> row.getLong(1))
                .list();
    }

    List<Long> idsBySlug(Collection<BySlug> slugs) {
        return db.sql("""
                select id
                  from checks
                 where (project, slug) in (select project, slug from unnest(:projects, :slugs) as named (project, slug))
                """)
                .param("projects", slugs.stream().map(BySlug::project).toArray(String[]::new))
                .param("slugs", slugs.stream().map(BySlug::slug).toArray(String[]::new))
                .query((row, n) -> row.getLong(1))
                .list();
    }

    /** Those that have a check, or several. */
    Set<BySlug> existing(Collection<BySlug> slugs) {
        return db.sql("""
                select project, slug
                  from checks
                 where (project, slug) in (select project, slug from unnest(:projects, :slugs) as named (project, slug))
                """)
                .param("projects", slugs.stream().map(BySlug::project).toArray(String[]::new))
                .param("slugs", slugs.stream().map(BySlug::slug).toArray(String[]::new))
                .query((row, n) -> new BySlug(row.getString("project"), row.getString("slug"), true))
                .set();
    }

    private List<Check> complete(JdbcClient.StatementSpec query) {
        return runs.complete(query.query(CheckColumns::check).list());
    }
}
