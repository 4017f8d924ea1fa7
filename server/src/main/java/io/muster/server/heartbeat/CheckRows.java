package io.muster.server.heartbeat;

import io.muster.server.heartbeat.CheckBoard.Look;
import io.muster.server.heartbeat.CheckBoard.Shown;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * Finds the checks of one page of a list, however many there are. Worst first it walks the indexes of what is down, new,
 * paused or up; what is narrowed or sorted otherwise costs at most one scan of the project's checks.
 */
@Repository
class CheckRows {

    /**
     * What a list is narrowed to.
     *
     * @param q in the name, slug, id or tags; empty: any
     * @param tag empty: any
     * @param kind {@code every}, {@code cron} or {@code oncalendar}; empty: any
     * @param among only these; null: all
     */
    record Narrow(
            @Nullable Shown shown,
            String q,
            String tag,
            String kind,
            @Nullable Collection<Long> among) {

        static final Narrow NOT = new Narrow(null, "", "", "", null);

        boolean isOnlyState() {
            return q.isEmpty() && tag.isEmpty() && kind.isEmpty() && among == null;
        }
    }

    /** With index checks_title. */
    private static final String TITLE = "lower(coalesce(nullif(btrim(name), ''), job_id))";

    /** How a list is sorted; equals stand in the order of job ids. */
    enum Sort {
        WORST(CheckBoard.RANK, "integer", true, "worst first"),
        NAME(TITLE, "text", true, "by name"),
        /** Newest first. */
        LAST_PING("coalesce(last_ping, '-infinity')", "timestamptz", false, "last ping first"),
        NEXT_DUE("coalesce(due_at, 'infinity')", "timestamptz", true, "next due first");

        private final String key;
        private final String type;
        private final boolean ascending;
        private final String words;

        Sort(String key, String type, boolean ascending, String words) {
            this.key = key;
            this.type = type;
            this.ascending = ascending;
            this.words = words;
        }

        String words() {
            return words;
        }
    }

    /** Where a page ends: what it is sorted by, as text, and the id of its last check. */
    record Place(String key, String jobId) {}

    record Found(long id, Place place) {}

    private final JdbcClient db;

    CheckRows(JdbcClient db) {
        this.db = db;
    }

    /** From state to state, until the page is full. */
    List<Found> worstFirst(
            String project, @Nullable Shown only, @Nullable Place after, Look look, Instant now, int limit) {
        var found = new ArrayList<Found>();
        int first = after == null ? 0 : Integer.parseInt(after.key);
        for (var shown : Shown.values()) {
            if (found.size() == limit) break;
            if (shown.ordinal() < first || only != null && shown != only) continue;
            if (!look.counts().containsKey(shown)) continue;
            var behind = after != null && shown.ordinal() == first ? after.jobId : "";
            found.addAll(shownAs(shown, project, behind, look.unjudged(), now, limit - found.size()));
        }
        return found;
    }

    private List<Found> shownAs(Shown shown, String project, String behind, boolean unjudged, Instant now, int limit) {
        var stored = switch (shown) {
            case DOWN -> unjudged ? "true" : "status = 'down'";
            case LATE, UP -> "status = 'up'";
            case RUNNING -> "true";
            case NEW -> "status = 'new'";
            case PAUSED -> "status = 'paused'";
        };
        var scanned = switch (shown) {
            case LATE, RUNNING -> " offset 0"; // mostly few: to walk the index in search of them would cost more
            case DOWN, UP, NEW, PAUSED -> "";
        };
        return db.sql("select id, job_id from (select id, job_id from checks where project = :project and " + stored
                        + " and job_id > :behind and " + CheckBoard.RANK + " = :rank" + scanned
                        + ") c order by job_id limit :limit")
                .param("project", project)
                .param("behind", behind)
                .param("rank", shown.ordinal())
                .param("now", now.atOffset(ZoneOffset.UTC))
                .param("limit", limit)
                .query((row, n) -> new Found(
                        row.getLong("id"), new Place(Integer.toString(shown.ordinal()), row.getString("job_id"))))
                .list();
    }

    List<Found> sorted(String project, Narrow narrow, Sort sort, @Nullable Place after, Instant now, int limit) {
        var values = new HashMap<String, @Nullable Object>(
                Map.of("project", project, "now", now.atOffset(ZoneOffset.UTC), "limit", limit));
        var text = new StringBuilder("select id, job_id, cast(key as text) as key from (select id, job_id, ")
                .append(sort.key)
                .append(" as key from checks where project = :project");
        if (!narrow.q.isEmpty()) {
            text.append(" and (name ilike :pattern or (job_id || ' ' || slug || ' ' || tags) ilike :pattern)");
            values.put("pattern", pattern(narrow.q));
        }
        if (!narrow.tag.isEmpty()) {
            text.append(" and ").append(CheckBoard.HAS_TAGS);
            values.put("tags", new String[] {narrow.tag});
        }
        if (!narrow.kind.isEmpty()) {
            text.append(" and kind = :kind");
            values.put("kind", narrow.kind);
        }
        if (narrow.among != null) {
            text.append(" and id = any (:among)");
            values.put("among", narrow.among.toArray(Long[]::new));
        }
        if (narrow.shown != null) {
            text.append(" and ").append(CheckBoard.RANK).append(" = :rank");
            values.put("rank", narrow.shown.ordinal());
        }
        text.append(") c");
        if (after != null) {
            text.append(" where (key, job_id) ")
                    .append(sort.ascending ? ">" : "<")
                    .append(" (cast(:key as ")
                    .append(sort.type)
                    .append("), :jobId)");
            values.put("key", after.key);
            values.put("jobId", after.jobId);
        }
        text.append(sort.ascending ? " order by key, job_id" : " order by key desc, job_id desc")
                .append(" limit :limit");
        return db.sql(text.toString())
                .params(values)
                .query((row, n) ->
                        new Found(row.getLong("id"), new Place(row.getString("key"), row.getString("job_id"))))
                .list();
    }

    private static String pattern(String q) {
        return "%" + q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%";
    }
}
