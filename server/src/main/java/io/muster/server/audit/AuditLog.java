package io.muster.server.audit;

import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.databind.json.JsonMapper;

/** Muster's own record: the table {@code own_event}, from which events are sealed into logs in order. */
@Repository
public class AuditLog {

    private final JdbcClient db;
    private final JsonMapper json;

    AuditLog(JdbcClient db, JsonMapper json) {
        this.db = db;
        this.json = json;
    }

    /** In the caller's transaction: what happened and the record of it are committed together, or neither is. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void record(List<OwnEvent> events) {
        if (events.isEmpty()) return;
        db.sql("""
                insert into own_event (tenant, action, resource, status, at, by_kind, by_name, ip, user_agent, subject, details)
                select tenant, action, resource, status, at, by_kind, by_name, ip, user_agent, subject, details
                  from unnest(:tenants, :actions, :resources, :statuses, cast(:instants as timestamptz[]), :kinds,
                              :names, :ips, :agents, :subjects, cast(:details as jsonb[]))
                    as news (tenant, action, resource, status, at, by_kind, by_name, ip, user_agent, subject, details)
                """)
                .param("tenants", column(events, OwnEvent::tenant))
                .param("actions", column(events, OwnEvent::action))
                .param("resources", column(events, OwnEvent::resource))
                .param("statuses", column(events, event -> event.status().name()))
                .param("instants", column(events, event -> event.at().toString()))
                .param("kinds", column(events, event -> event.by().kind().name()))
                .param("names", column(events, event -> event.by().name()))
                .param("ips", column(events, event -> event.by().ip()))
                .param("agents", column(events, event -> event.by().userAgent()))
                .param("subjects", column(events, OwnEvent::subject))
                .param("details", column(events, event -> json.writeValueAsString(event.details())))
                .update();
    }

    /** Where a reader of {@link #pending} stands: behind the last event that it has taken. */
    public record Position(long transaction, long id) {
        public static final Position START = new Position(0, 0);
    }

    /** An event with its place in the order in which events are sealed. */
    public record Pending(
            Position position,
            long id,
            String tenant,
            String action,
            String resource,
            String status,
            OffsetDateTime at,
            String byKind,
            String byName,
            Map<String, Object> details) {}

    /**
     * The next events behind {@code after}, in the order of transactions, then of ids. Ids alone are no order to read
     * by: a slower transaction commits smaller ids later. So only those are answered whose transaction is older than
     * every one that still runs.
     */
    public List<Pending> pending(Position after, int limit) {
        return db.sql("""
                select transaction, id, tenant, action, resource, status, at, by_kind, by_name, details
                  from own_event
                 where (transaction, id) > (cast(cast(:transaction as text) as xid8), :id)
                   and transaction < pg_snapshot_xmin(pg_current_snapshot())
                 order by transaction, id
                 limit :limit
                """)
                .param("transaction", Long.toString(after.transaction()))
                .param("id", after.id())
                .param("limit", limit)
                .query((row, n) -> new Pending(
                        new Position(Long.parseLong(row.getString("transaction")), row.getLong("id")),
                        row.getLong("id"),
                        row.getString("tenant"),
                        row.getString("action"),
                        row.getString("resource"),
                        row.getString("status"),
                        row.getObject("at", OffsetDateTime.class),
                        row.getString("by_kind"),
                        row.getString("by_name"),
                        details(row.getString("details"))))
                .list();
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> details(String text) {
        return json.readValue(text, Map.class);
    }

    private static <T> @Nullable String[] column(List<T> rows, Function<T, @Nullable String> value) {
        return rows.stream().map(value).toArray(String[]::new);
    }
}
