package io.muster.server.heartbeat;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Makes checks of rows of the table {@code checks}. */
final class CheckColumns {

    /** In the order in which {@link #check} reads them. */
    static final String ALL = """
            id, job_id, project, uuid, unique_key, badge_key, native, slug, name, tags, description, kind, every_seconds,
            expression, tz, grace_seconds, manual_resume, post_only, start_kw, success_kw, failure_kw, filter_subject,
            filter_body, filter_http_body, filter_default_fail, body_limit, channels, alert_store, alert_region, status,
            status_since, last_ping, last_success, last_start, last_start_rid, last_duration_ms, last_report_failed, pings,
            armed_at, created_at, updated_at, start_by_seconds, max_runtime_seconds, min_runtime_seconds, rows_min, rows_max,
            bytes_min, bytes_max, failures_before_alert, depends_on, excused_until
            """;

    static Check check(ResultSet row, int n) throws SQLException {
        return new Check(
                row.getLong(1),
                row.getString(2),
                row.getString(3),
                new PingUuid(row.getObject(4, UUID.class)),
                row.getString(5),
                row.getObject(6, UUID.class),
                settings(row),
                state(row, 30),
                instant(row, 51),
                List.of(),
                InARow.NONE,
                row.getObject(40, OffsetDateTime.class).toInstant(),
                row.getObject(41, OffsetDateTime.class).toInstant());
    }

    private static Settings settings(ResultSet row) throws SQLException {
        var hidden = new Settings.Hidden(
                Duration.ofSeconds(row.getLong(13)), row.getString(14), ZoneId.of(row.getString(15)));
        var schedule = switch (row.getString(12)) {
            case "every" -> new Schedule.Every(hidden.period());
            case "cron" -> new Schedule.Cron(hidden.expression(), hidden.tz());
            case "oncalendar" -> new Schedule.OnCalendar(hidden.expression(), hidden.tz());
            case String other -> throw new IllegalStateException("unknown value of checks.kind: " + other);
        };
        var channels = row.getArray(27);
        var upstream = row.getArray(50);
        return new Settings(
                row.getBoolean(7),
                row.getString(8),
                row.getString(9),
                row.getString(10),
                row.getString(11),
                schedule,
                hidden,
                Duration.ofSeconds(row.getLong(16)),
                row.getBoolean(17),
                row.getBoolean(18),
                new Keywords(
                        row.getString(19),
                        row.getString(20),
                        row.getString(21),
                        row.getBoolean(22),
                        row.getBoolean(23),
                        row.getBoolean(24),
                        row.getBoolean(25)),
                row.getObject(26, Integer.class),
                channels == null ? null : List.of((String[]) channels.getArray()),
                row.getString(28),
                row.getString(29),
                bounds(row, 42),
                Objects.requireNonNullElse(row.getObject(49, Integer.class), 1),
                upstream == null ? List.of() : List.of((String[]) upstream.getArray()));
    }

    /** @param first the column of start_by_seconds; the others follow */
    static Bounds bounds(ResultSet row, int first) throws SQLException {
        var bounds = new Bounds(
                span(row, first),
                span(row, first + 1),
                span(row, first + 2),
                range(row, first + 3),
                range(row, first + 5));
        return bounds.equals(Bounds.NONE) ? Bounds.NONE : bounds;
    }

    private static @Nullable Duration span(ResultSet row, int column) throws SQLException {
        var seconds = row.getObject(column, Long.class);
        return seconds == null ? null : Duration.ofSeconds(seconds);
    }

    private static Bounds.@Nullable Range range(ResultSet row, int first) throws SQLException {
        var min = row.getObject(first, Long.class);
        var max = row.getObject(first + 1, Long.class);
        return min == null && max == null ? null : new Bounds.Range(min, max);
    }

    /** @param first the column of the status; the others of the state follow */
    static State state(ResultSet row, int first) throws SQLException {
        var millis = row.getObject(first + 6, Long.class);
        var since = instant(row, first + 1);
        if (since == null) throw new IllegalStateException("checks.status_since is null");
        return new State(
                Status.of(row.getString(first)),
                since,
                instant(row, first + 2),
                instant(row, first + 3),
                instant(row, first + 4),
                row.getObject(first + 5, UUID.class),
                millis == null ? null : Duration.ofMillis(millis),
                row.getBoolean(first + 7),
                row.getLong(first + 8),
                instant(row, first + 9));
    }

    private static @Nullable Instant instant(ResultSet row, int column) throws SQLException {
        var at = row.getObject(column, OffsetDateTime.class);
        return at == null ? null : at.toInstant();
    }

    private CheckColumns() {}
}
