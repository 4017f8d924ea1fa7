package io.muster.server.audit;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import tools.jackson.databind.json.JsonMapper;

/** Muster's own record: the table {@code own_event}, where events wait until {@link OwnEventSealer} seals them into logs in order. */
@Repository
public class AuditLog {

    private final JdbcClient db;
    private final JsonMapper json;

    /** Whether this server has recorded something since it was asked. */
    private volatile boolean news;

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
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                news = true;
            }
        });
    }

    boolean hasNews() {
        return news;
    }

    /** From here on only what is recorded later is news. */
    void noNews() {
        news = false;
    }

    /**
     * An event that is not sealed yet.
     *
     * @param details as they were written; {@link #details} reads them
     */
    record Pending(
            long id,
            Instant recordedAt,
            String tenant,
            String action,
            String resource,
            String status,
            Instant at,
            String byKind,
            String byName,
            @Nullable String ip,
            @Nullable String userAgent,
            String details,
            @Nullable String subject) {}

    /**
     * The oldest that are not sealed yet, in the order of transactions, then of ids. Ids alone are no order to read by: a slower
     * transaction commits smaller ids later. So only those are answered whose transaction is older than every one that still runs; or
     * younger than all that ever were, for then the rows were brought here from another PostgreSQL. Without those that stand aside at
     * {@code now}.
     */
    List<Pending> pending(int limit, Instant now) {
        return db.sql("""
                select id, recorded_at, tenant, action, resource, status, at, by_kind, by_name, ip, user_agent, details, subject
                  from own_event
                 where (transaction < pg_snapshot_xmin(pg_current_snapshot())
                        or transaction >= pg_snapshot_xmax(pg_current_snapshot()))
                   and (aside_until is null or aside_until <= :now)
                 order by transaction, id
                 limit :limit
                """)
                .param("limit", limit)
                .param("now", now.atOffset(ZoneOffset.UTC))
                .query((row, n) -> new Pending(
                        row.getLong("id"),
                        row.getObject("recorded_at", OffsetDateTime.class).toInstant(),
                        row.getString("tenant"),
                        row.getString("action"),
                        row.getString("resource"),
                        row.getString("status"),
                        row.getObject("at", OffsetDateTime.class).toInstant(),
                        row.getString("by_kind"),
                        row.getString("by_name"),
                        row.getString("ip"),
                        row.getString("user_agent"),
                        row.getString("details"),
                        row.getString("subject")))
                .list();
    }

    @SuppressWarnings("unchecked")
    Map<String, @Nullable Object> details(Pending event) {
        return json.readValue(event.details(), Map.class);
    }

    /** Until the end of the transaction nobody else seals; false: somebody does already. */
    @Transactional(propagation = Propagation.MANDATORY)
    boolean isMineToSeal() {
        return db.sql("select pg_try_advisory_xact_lock(hashtext('own_event'))")
                .query(Boolean.class)
                .single();
    }

    /**
     * Removes what is on record now, for it holds in clear what the log has sealed.
     *
     * @param events of each, the event that it became
     * @param since none of them is on record for longer
     * @return how many there were
     */
    @Transactional(propagation = Propagation.MANDATORY)
    long remove(List<Pending> sealed, List<UUID> events, Instant since) {
        return db.sql("select own_event_sealed(:ids, :events, :since)")
                .param("ids", sealed.stream().map(Pending::id).toArray(Long[]::new))
                .param("events", events.toArray(UUID[]::new))
                .param("since", since.atOffset(ZoneOffset.UTC))
                .query(Long.class)
                .single();
    }

    /** It cannot be sealed: those behind it go on without it. */
    void setAside(Pending event, Instant until, String why) {
        db.sql("select own_event_aside(:id, :until, :why)")
                .param("id", event.id())
                .param("until", until.atOffset(ZoneOffset.UTC))
                .param("why", why)
                .query((row, n) -> n)
                .single();
    }

    /**
     * Events that could not be sealed when they were last tried.
     *
     * @param why of the oldest; null if there is none
     */
    record StandAside(long events, @Nullable String why) {}

    StandAside aside() {
        return db.sql("""
                select count(*) as events, (array_agg(aside_why order by id))[1] as why
                  from own_event
                 where aside_until is not null
                """)
                .query((row, n) -> new StandAside(row.getLong("events"), row.getString("why")))
                .single();
    }

    /** Whether something that {@code person} did or that is about this person stands aside, and so in clear. */
    boolean isAside(String tenant, String person) {
        return db.sql("""
                select exists (select from own_event
                                where aside_until is not null and tenant = :tenant and :person in (by_name, subject))
                """)
                .param("tenant", tenant)
                .param("person", person)
                .query(Boolean.class)
                .single();
    }

    private static <T> @Nullable String[] column(List<T> rows, Function<T, @Nullable String> value) {
        return rows.stream().map(value).toArray(String[]::new);
    }
}
