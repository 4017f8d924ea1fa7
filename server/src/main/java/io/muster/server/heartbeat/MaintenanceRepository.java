package io.muster.server.heartbeat;

import io.muster.server.heartbeat.MaintenanceWindow.Occurrence;
import io.muster.server.incident.JobSelector;
import io.muster.server.tenancy.Noun.Declared;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import tools.jackson.databind.json.JsonMapper;

/** The table {@code maintenance_window}. */
@Repository
class MaintenanceRepository {

    private static final String SELECT = """
            select id, name, jobs_all, job_ids, job_tags, from_at, to_at, oncalendar, tz, duration_seconds, version,
                   created_at, updated_at
              from maintenance_window
            """;

    /** What {@link #row} makes, as columns. */
    private static final String ROWS = """
             from jsonb_to_recordset(cast(:rows as jsonb))
               as row (id text, name text, jobs_all boolean, job_ids text[], job_tags text[], from_at timestamptz,
                       to_at timestamptz, oncalendar text, tz text, duration_seconds bigint, starts_at timestamptz,
                       ends_at timestamptz, version bigint, updated_at timestamptz)
            """;

    private final JdbcClient db;
    private final JsonMapper json;

    MaintenanceRepository(JdbcClient db, JsonMapper json) {
        this.db = db;
        this.json = json;
    }

    List<Declared<MaintenanceWindow>> find(Collection<String> ids) {
        return db.sql(SELECT + " where id = any (:ids) order by id")
                .param("ids", ids.toArray(String[]::new))
                .query(MaintenanceRepository::declared)
                .list();
    }

    /** In the order of ids. */
    List<Declared<MaintenanceWindow>> page(@Nullable String afterId, int limit) {
        return db.sql(SELECT + " where id > coalesce(cast(:after as text), '') order by id limit :limit")
                .param("after", afterId)
                .param("limit", limit)
                .query(MaintenanceRepository::declared)
                .list();
    }

    void insert(List<Declared<MaintenanceWindow>> news) {
        write("""
                insert into maintenance_window (id, name, jobs_all, job_ids, job_tags, from_at, to_at, oncalendar, tz,
                                                duration_seconds, starts_at, ends_at, version, created_at, updated_at)
                select id, name, jobs_all, job_ids, job_tags, from_at, to_at, oncalendar, tz, duration_seconds, starts_at,
                       ends_at, version, updated_at, updated_at
                """ + ROWS, news);
    }

    void update(List<Declared<MaintenanceWindow>> changed) {
        write("""
                update maintenance_window
                   set name = row.name, jobs_all = row.jobs_all, job_ids = row.job_ids, job_tags = row.job_tags,
                       from_at = row.from_at, to_at = row.to_at, oncalendar = row.oncalendar, tz = row.tz,
                       duration_seconds = row.duration_seconds, starts_at = row.starts_at, ends_at = row.ends_at,
                       version = row.version, updated_at = row.updated_at
                """ + ROWS + " where maintenance_window.id = row.id", changed);
    }

    private void write(String sql, List<Declared<MaintenanceWindow>> windows) {
        db.sql(sql)
                .param(
                        "rows",
                        json.writeValueAsString(
                                windows.stream().map(MaintenanceRepository::row).toList()))
                .update();
    }

    void delete(Collection<String> ids) {
        db.sql("delete from maintenance_window where id = any (:ids)")
                .param("ids", ids.toArray(String[]::new))
                .update();
    }

    /** When it is on, or will be next; empty: never again. */
    void happens(String id, Optional<Occurrence> next) {
        db.sql("""
                update maintenance_window
                   set starts_at = cast(:starts as timestamptz), ends_at = cast(:ends as timestamptz)
                 where id = :id
                """)
                .param("id", id)
                .param("starts", next.map(at -> at.startsAt().toString()).orElse(null))
                .param("ends", next.map(at -> at.endsAt().toString()).orElse(null))
                .update();
    }

    private static Map<String, @Nullable Object> row(Declared<MaintenanceWindow> one) {
        var window = one.value();
        var next = window.at(one.updatedAt());
        var length = window.duration();
        var row = new LinkedHashMap<String, @Nullable Object>();
        row.put("id", one.id());
        row.put("name", window.name());
        row.put("jobs_all", window.jobs() instanceof JobSelector.All);
        row.put("job_ids", window.jobs() instanceof JobSelector.These(var ids) ? ids : List.of());
        row.put("job_tags", window.jobs() instanceof JobSelector.Tagged(var tags) ? tags : List.of());
        row.put("from_at", text(window.from()));
        row.put("to_at", text(window.to()));
        row.put("oncalendar", window.oncalendar());
        row.put("tz", window.tz());
        row.put("duration_seconds", length == null ? null : length.toSeconds());
        row.put("starts_at", next.map(at -> at.startsAt().toString()).orElse(null));
        row.put("ends_at", next.map(at -> at.endsAt().toString()).orElse(null));
        row.put("version", one.version());
        row.put("updated_at", one.updatedAt().toString());
        return row;
    }

    private static Declared<MaintenanceWindow> declared(ResultSet row, int n) throws SQLException {
        var seconds = row.getObject("duration_seconds", Long.class);
        return new Declared<>(
                row.getString("id"),
                new MaintenanceWindow(
                        row.getString("name"),
                        jobs(row),
                        instant(row, "from_at"),
                        instant(row, "to_at"),
                        row.getString("oncalendar"),
                        row.getString("tz"),
                        seconds == null ? null : Duration.ofSeconds(seconds)),
                row.getLong("version"),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                row.getObject("updated_at", OffsetDateTime.class).toInstant());
    }

    private static JobSelector jobs(ResultSet row) throws SQLException {
        if (row.getBoolean("jobs_all")) return JobSelector.ALL;
        var tags = texts(row, "job_tags");
        return tags.isEmpty() ? new JobSelector.These(texts(row, "job_ids")) : new JobSelector.Tagged(tags);
    }

    private static List<String> texts(ResultSet row, String column) throws SQLException {
        return Arrays.asList((String[]) row.getArray(column).getArray());
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        var at = row.getObject(column, OffsetDateTime.class);
        return at == null ? null : at.toInstant();
    }

    private static @Nullable String text(@Nullable Instant at) {
        return at == null ? null : at.toString();
    }
}
