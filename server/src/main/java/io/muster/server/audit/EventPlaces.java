package io.muster.server.audit;

import static java.util.Objects.requireNonNull;

import io.muster.server.audit.AuditEvent.Outcome;
import io.muster.server.audit.Opening.Row;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;

/** Finds places in a log by its indexes. Each statement is short and bounded: whoever wants more goes on where the last one ended. */
@Repository
@Transactional(readOnly = true)
class EventPlaces {

    /** Different actions that one prefix may stand for, before the newest events are read instead. */
    static final int MOST_ACTIONS = 100;

    private static final String FITS = """
            (cast(:outcome as smallint) is null or outcome = :outcome)
            and (cast(:subject as uuid) is null or subject_ref = :subject)
            and (cast(:patterns as text[]) is null or action like any (:patterns))
            and (cast(:words as text) is null or words @@ (select cast(:words as tsquery)))
            """;

    private static final String SEEN =
            "select count(*) as n, min(idx) as last, array_agg(idx order by idx desc) filter (where " + FITS
                    + ") as hits from ";

    private static final String NEWEST = SEEN + """
            (select idx, outcome, subject_ref, action, words
               from audit_event
              where log_id = :log and idx >= :from and idx < :below and recorded_at >= :since and recorded_at <= :until
              order by idx desc
              limit :n) as seen
            """;

    private static final String BY_ACTOR = SEEN + """
            (select idx, outcome, subject_ref, action, words
               from audit_event
              where log_id = :log and actor_ref = :actor
                and idx >= :from and idx < :below and recorded_at >= :since and recorded_at <= :until
              order by idx desc
              limit :n) as seen
            """;

    private static final String BY_ACTION = SEEN + """
            (select e.idx, e.outcome, e.subject_ref, e.action, e.words
               from unnest(:actions) as asked (action)
              cross join lateral (
                    select idx, outcome, subject_ref, action, words
                      from audit_event
                     where log_id = :log and audit_event.action = asked.action
                       and idx >= :from and idx < :below and recorded_at >= :since and recorded_at <= :until
                     order by idx desc
                     limit :n) as e
              order by e.idx desc
              limit :n) as seen
            """;

    private final JdbcClient db;

    EventPlaces(JdbcClient db) {
        this.db = db;
    }

    /** The part of a log whose events were received in some time: places {@code from} until {@code below}. */
    record Span(int log, long from, long below, OffsetDateTime since, OffsetDateTime until) {
        long size() {
            return Math.max(0, below - from);
        }
    }

    /** @param places newest first @param below all from here up was looked at */
    record Hits(List<Long> places, long below) {}

    /** @param to null: to its end */
    public Span span(int log, Instant from, @Nullable Instant to) {
        EventRows.reads(db, log);
        var since = from.atOffset(ZoneOffset.UTC);
        var until = to == null ? OffsetDateTime.MAX : to.atOffset(ZoneOffset.UTC);
        return db.sql("""
                select audit_first_at(:log, :since, size) as first,
                       case when :open then size else audit_first_at(:log, :until, size) end as below
                  from audit_head
                 where log_id = :log
                """)
                .param("log", log)
                .param("since", since)
                .param("until", until)
                .param("open", to == null)
                .query((row, n) -> new Span(log, row.getLong("first"), row.getLong("below"), since, until))
                .single();
    }

    /** Whose logs there are, what was written to last first. */
    public List<String> tenants(int most) {
        return db.sql("""
                select l.tenant
                  from audit_log l
                  join audit_head h on h.log_id = l.log_id
                 where h.size > 0
                 group by l.tenant
                 order by max(h.last_at) desc, l.tenant
                 limit :most
                """)
                .param("most", most)
                .query((row, _) -> row.getString(1))
                .list();
    }

    /** The first place of an event received at or after each of these. */
    public List<Long> borders(Span span, List<Instant> instants) {
        EventRows.reads(db, span.log());
        return db.sql("""
                select audit_first_at(:log, at, :below) as first
                  from unnest(cast(:instants as timestamptz[])) with ordinality as asked (at, n)
                 order by n
                """)
                .param("log", span.log())
                .param("below", span.below())
                .param("instants", instants.stream().map(Instant::toString).toArray(String[]::new))
                .query((row, _) -> row.getLong(1))
                .list();
    }

    /** Of the newest {@code n} events below a place. */
    public Hits newest(Span span, EventFilter filter, long below, int n) {
        return hits(NEWEST, span, filter, below, n);
    }

    public Hits byActor(Span span, EventFilter filter, long below, int n) {
        return hits(BY_ACTOR, span, filter, below, n);
    }

    public Hits byAction(Span span, EventFilter filter, long below, int n) {
        return hits(BY_ACTION, span, filter, below, n);
    }

    private Hits hits(String sql, Span span, EventFilter filter, long below, int n) {
        EventRows.reads(db, span.log());
        var statement = in(span, filtered(filter, db.sql(sql)))
                .param("from", span.from())
                .param("below", below)
                .param("n", n);
        if (sql.equals(BY_ACTOR)) statement = statement.param("actor", filter.actor());
        if (sql.equals(BY_ACTION)) statement = statement.param("actions", texts(requireNonNull(filter.actions())));
        return statement
                .query((row, _) -> new Hits(places(row), row.getInt("n") < n ? span.from() : row.getLong("last")))
                .single();
    }

    private static List<Long> places(ResultSet row) throws SQLException {
        Array hits = row.getArray("hits");
        return hits == null ? List.of() : Arrays.asList((Long[]) hits.getArray());
    }

    /** The places in these tiles that fit, below a place, in no order. */
    public List<Long> inTiles(Span span, EventFilter filter, List<Long> tiles, long below) {
        if (tiles.isEmpty()) return List.of();
        EventRows.reads(db, span.log());
        return in(span, filtered(filter, db.sql("""
                select e.idx
                  from unnest(:tiles) as asked (n)
                 cross join lateral (
                       select idx
                         from audit_event
                        where log_id = :log
                          and idx >= greatest(:from, 256 * asked.n) and idx < least(:below, 256 * (asked.n + 1))
                          and recorded_at >= :since and recorded_at <= :until
                          and""" + " " + FITS + " offset 0) as e")))
                .param("tiles", tiles.toArray(Long[]::new))
                .param("from", span.from())
                .param("below", below)
                .query((row, _) -> row.getLong(1))
                .list();
    }

    /** The events at these places that fit, newest first. */
    public List<Row> rows(Span span, EventFilter filter, List<Long> places) {
        EventRows.reads(db, span.log());
        return in(
                        span,
                        filtered(
                                filter,
                                db.sql("select " + EventRows.COLUMNS + """
                  from audit_event
                 where log_id = :log and idx = any (:places) and recorded_at >= :since and recorded_at <= :until
                   and""" + " " + FITS + " order by idx desc")))
                .param("places", places.toArray(Long[]::new))
                .query(EventRows::row)
                .list();
    }

    /** How many of these places hold what fits, by their outcome. */
    public List<Outcomes> outcomes(Span span, EventFilter filter, List<Long> places) {
        EventRows.reads(db, span.log());
        return in(span, filtered(filter, db.sql("""
                select idx, outcome
                  from audit_event
                 where log_id = :log and idx = any (:places) and recorded_at >= :since and recorded_at <= :until
                   and""" + " " + FITS + " order by idx desc")))
                .param("places", places.toArray(Long[]::new))
                .query(EventPlaces::outcome)
                .list();
    }

    /** The newest failures and denials, read from their index alone; the other events are successes. */
    public List<Outcomes> notWell(Span span, int most) {
        EventRows.reads(db, span.log());
        return db.sql("""
                select idx, outcome
                  from ((select idx, outcome
                           from audit_event
                          where log_id = :log and outcome = 1 and idx >= :from and idx < :below
                          order by idx desc
                          limit :most)
                        union all
                        (select idx, outcome
                           from audit_event
                          where log_id = :log and outcome = 2 and idx >= :from and idx < :below
                          order by idx desc
                          limit :most)) as not_well
                 order by idx desc
                 limit :most
                """)
                .param("log", span.log())
                .param("from", span.from())
                .param("below", span.below())
                .param("most", most)
                .query(EventPlaces::outcome)
                .list();
    }

    record Outcomes(long place, Outcome outcome) {}

    private static Outcomes outcome(ResultSet row, int n) throws SQLException {
        return new Outcomes(row.getLong("idx"), Outcome.values()[row.getInt("outcome")]);
    }

    /** The different actions that begin so; {@code most} at most. */
    public List<String> actions(Span span, String beginning, int most) {
        EventRows.reads(db, span.log());
        return in(span, db.sql("select audit_actions(:log, :beginning, :since, :until, :most)"))
                .param("beginning", beginning)
                .param("most", most)
                .query((row, _) -> row.getString(1))
                .list();
    }

    private static StatementSpec in(Span span, StatementSpec statement) {
        return statement.param("log", span.log()).param("since", span.since()).param("until", span.until());
    }

    private static StatementSpec filtered(EventFilter filter, StatementSpec statement) {
        var outcome = filter.outcome();
        return statement
                .param("outcome", outcome == null ? null : outcome.ordinal(), Types.SMALLINT)
                .param("patterns", filter.patterns().isEmpty() ? null : texts(filter.patterns()), Types.ARRAY)
                .param("subject", filter.subject(), Types.OTHER)
                .param("words", Lexemes.query(filter.words()), Types.VARCHAR);
    }

    private static String[] texts(List<String> texts) {
        return texts.toArray(String[]::new);
    }
}
