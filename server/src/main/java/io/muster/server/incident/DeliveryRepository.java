package io.muster.server.incident;

import static io.muster.server.incident.AlertRepository.instant;
import static io.muster.server.incident.AlertRepository.optionalInstant;
import static java.util.stream.Collectors.toMap;

import io.muster.server.deadline.Deadlines;
import io.muster.server.incident.channel.Message;
import io.muster.server.layout.Run;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import tools.jackson.databind.json.JsonMapper;

/** The table {@code delivery}: the outbox. */
@Repository
class DeliveryRepository {

    /** How many of a channel's waiting deliveries are tried at once when it is well again. */
    private static final int CATCH_UP = 500;

    private final JdbcClient db;
    private final JsonMapper json;
    private final Deadlines deadlines;

    DeliveryRepository(JdbcClient db, JsonMapper json, Deadlines deadlines) {
        this.db = db;
        this.json = json;
        this.deadlines = deadlines;
    }

    /** Each is tried as soon as this transaction is committed. */
    void queue(List<Delivery.Draft> drafts, Instant now) {
        if (drafts.isEmpty()) return;
        var rows = new ArrayList<Map<String, Object>>();
        for (var draft : drafts) rows.add(row(newId(), draft, Delivery.State.QUEUED));
        insert(rows, now);
        deadlines.arm(
                DeliveryDeadline.NAME, rows.stream().collect(toMap(row -> String.valueOf(row.get("id")), _ -> now)));
    }

    /** What was sent already, and is only kept to be seen. */
    void keep(String id, Delivery.Draft draft, Delivery.State state, String answer, double seconds, Instant now) {
        insert(List.of(row(id, draft, state)), now);
        db.sql("""
                update delivery
                   set tries = 1, last_try_at = cast(:now as timestamptz), last_answer = :answer, last_seconds = :seconds,
                       next_try = null, settled_at = cast(:now as timestamptz)
                 where id = :id
                """)
                .param("id", id)
                .param("answer", answer)
                .param("seconds", seconds)
                .param("now", now.toString())
                .update();
        deadlines.arm(DeliveryDeadline.NAME, Map.of(id, now.plus(DeliveryDeadline.KEPT)));
    }

    static String newId() {
        return "msg_" + UUID.randomUUID().toString().replace("-", "");
    }

    private Map<String, Object> row(String id, Delivery.Draft draft, Delivery.State state) {
        var row = new LinkedHashMap<String, Object>();
        row.put("id", id);
        row.put("channel", draft.channel());
        row.put("kind", draft.kind());
        row.put("topic", draft.topic());
        row.put("type", draft.message().type());
        row.put("message", json.writeValueAsString(draft.message()));
        row.put("tenants", draft.tenants());
        row.put("state", state.word());
        return row;
    }

    private void insert(List<Map<String, Object>> rows, Instant now) {
        db.sql("""
                insert into delivery (id, channel, kind, topic, type, message, tenants, state, next_try, created_at)
                select id, channel, kind, topic, type, cast(message as json), tenants, state,
                       cast(:now as timestamptz), cast(:now as timestamptz)
                  from jsonb_to_recordset(cast(:rows as jsonb))
                    as row (id text, channel text, kind text, topic text, type text, message text, tenants text[],
                            state text)
                """)
                .param("rows", json.writeValueAsString(rows))
                .param("now", now.toString())
                .update();
    }

    /** Where a delivery is, as far as waking it needs to know. */
    record Due(
            String id, String channel, Delivery.State state, Optional<Instant> nextTry, Optional<Instant> settledAt) {}

    List<Due> lock(Collection<String> ids) {
        return db.sql("""
                select id, channel, state, next_try, settled_at
                  from delivery
                 where id = any (:ids)
                 order by number
                   for update
                """)
                .param("ids", ids.toArray(String[]::new))
                .query((row, n) -> new Due(
                        row.getString("id"),
                        row.getString("channel"),
                        Delivery.State.of(row.getString("state")),
                        optionalInstant(row, "next_try"),
                        optionalInstant(row, "settled_at")))
                .list();
    }

    /** Counts one more try of each. */
    void beginTry(Collection<String> ids, Instant now, Instant lease) {
        db.sql("""
                update delivery
                   set tries = tries + 1, last_try_at = cast(:now as timestamptz), next_try = cast(:lease as timestamptz)
                 where id = any (:ids)
                """)
                .param("ids", ids.toArray(String[]::new))
                .param("now", now.toString())
                .param("lease", lease.toString())
                .update();
    }

    void delete(Collection<String> ids) {
        db.sql("delete from delivery where id = any (:ids)")
                .param("ids", ids.toArray(String[]::new))
                .update();
    }

    Optional<Delivery> find(String id) {
        return db.sql("""
                select number, id, channel, kind, topic, message, state, tries, last_try_at, last_answer, last_seconds,
                       next_try, created_at, settled_at
                  from delivery
                 where id = :id
                """).param("id", id).query(this::delivery).optional();
    }

    /** Newest first. */
    List<Delivery> page(Optional<String> channel, Optional<Delivery.State> state, long before, int limit) {
        return db.sql("""
                select number, id, channel, kind, topic, message, state, tries, last_try_at, last_answer, last_seconds,
                       next_try, created_at, settled_at
                  from delivery
                 where (cast(:channel as text) is null or channel = :channel)
                   and (cast(:state as text) is null or state = :state)
                   and number < :before
                 order by number desc
                 limit :limit
                """)
                .param("channel", channel.orElse(null))
                .param("state", state.map(Delivery.State::word).orElse(null))
                .param("before", before)
                .param("limit", limit)
                .query(this::delivery)
                .list();
    }

    /** Those that named {@code tenant} in messages about {@code topic}, oldest first. */
    List<Delivery> about(String topic, String tenant, Instant since, int limit) {
        return db.sql("""
                select number, id, channel, kind, topic, message, state, tries, last_try_at, last_answer, last_seconds,
                       next_try, created_at, settled_at
                  from delivery
                 where topic = :topic
                   and created_at >= cast(:since as timestamptz)
                   and :tenant = any (tenants)
                 order by number
                 limit :limit
                """)
                .param("topic", topic)
                .param("tenant", tenant)
                .param("since", since.toString())
                .param("limit", limit)
                .query(this::delivery)
                .list();
    }

    /** When a newer message about the same was sent to the same channel, if one was. */
    Optional<Instant> newerSent(Delivery delivery) {
        return db.sql("""
                select min(created_at) as at
                  from delivery
                 where topic = :topic
                   and channel = :channel
                   and number > :number
                   and state = 'sent'
                """)
                .param("topic", delivery.topic())
                .param("channel", delivery.channel())
                .param("number", delivery.number())
                .query((row, n) -> optionalInstant(row, "at"))
                .single();
    }

    /** What became of a try. A success counts whenever it comes; a failure only if no later try has begun. */
    record Outcome(
            Delivery.State state,
            String answer,
            double seconds,
            Optional<Instant> nextTry,
            Optional<Instant> notBefore) {}

    boolean settle(Delivery delivery, Outcome outcome, Instant now) {
        return db.sql("""
                update delivery
                   set state = :state, last_answer = :answer, last_seconds = :seconds,
                       next_try = cast(:next as timestamptz), not_before = cast(:not_before as timestamptz),
                       settled_at = case when :state = 'failed' then null else cast(:now as timestamptz) end
                 where id = :id
                   and state in ('queued', 'failed')
                   and (tries = :tries or :state = 'sent')
                """)
                        .param("id", delivery.id())
                        .param("tries", delivery.tries())
                        .param("state", outcome.state().word())
                        .param("answer", outcome.answer())
                        .param("seconds", outcome.seconds())
                        .param("next", text(outcome.nextTry()))
                        .param("not_before", text(outcome.notBefore()))
                        .param("now", now.toString())
                        .update()
                == 1;
    }

    /** The channel answers again: what waits for it need wait no longer than it asked for. */
    void catchUp(String channel, Instant now) {
        var next = db.sql("""
                update delivery
                   set next_try = greatest(cast(:now as timestamptz), not_before)
                 where id in (select id from delivery
                               where channel = :channel and state = 'failed' and next_try > cast(:now as timestamptz)
                               order by number
                               limit :limit
                                 for update skip locked)
                returning id, next_try
                """)
                .param("channel", channel)
                .param("now", now.toString())
                .param("limit", CATCH_UP)
                .query((row, n) -> Map.entry(row.getString("id"), instant(row, "next_try")))
                .list();
        deadlines.arm(DeliveryDeadline.NAME, next.stream().collect(toMap(Map.Entry::getKey, Map.Entry::getValue)));
    }

    /** What waited for a channel that is no more. */
    List<Delivery> giveUpOn(Collection<String> channels, String why, Instant now) {
        return db.sql("""
                update delivery
                   set state = 'given_up', last_answer = :why, next_try = null, settled_at = cast(:now as timestamptz)
                 where channel = any (:channels)
                   and (state = 'queued' or state = 'failed' and settled_at is null)
                returning number, id, channel, kind, topic, message, state, tries, last_try_at, last_answer, last_seconds,
                          next_try, created_at, settled_at
                """)
                .param("channels", channels.toArray(String[]::new))
                .param("why", why)
                .param("now", now.toString())
                .query(this::delivery)
                .list();
    }

    /** How many were given up since then, and for how many the last try failed. */
    record Trouble(long givenUp, long failing, List<String> channels) {}

    Trouble trouble(Instant since) {
        return db.sql("""
                select count(*) filter (where state = 'given_up') as given_up,
                       count(*) filter (where state = 'failed') as failing,
                       array_agg(distinct channel) as channels
                  from delivery
                 where state = 'given_up' and settled_at >= cast(:since as timestamptz)
                    or state = 'failed' and settled_at is null
                """)
                .param("since", since.toString())
                .query((row, n) -> new Trouble(
                        row.getLong("given_up"), row.getLong("failing"), AlertRepository.texts(row, "channels")))
                .single();
    }

    /** Where counting what waits for a channel stops. */
    static final int MOST_WAITING = 999;

    /**
     * How a channel does.
     *
     * @param last its last deliveries, oldest first
     * @param waiting how many failed ones wait for their next try; counting stops behind {@link #MOST_WAITING}
     */
    record Tries(List<Run> last, long waiting) {}

    /** By channel. */
    Map<String, Tries> tries(Collection<String> channels, int limit) {
        var last = new HashMap<String, List<Run>>();
        db.sql("""
                select wanted.id, sent.state, sent.last_seconds
                  from unnest(:channels) as wanted (id)
                 cross join lateral (select number, state, last_seconds
                                       from delivery
                                      where channel = wanted.id
                                      order by number desc
                                      limit :limit) as sent
                 order by wanted.id, sent.number
                """)
                .param("channels", channels.toArray(String[]::new))
                .param("limit", limit)
                .query(row -> {
                    var seconds = row.getObject("last_seconds", Double.class);
                    var kind = switch (Delivery.State.of(row.getString("state"))) {
                        case QUEUED -> Run.Kind.RUN;
                        case SENT -> Run.Kind.OK;
                        case FAILED, GIVEN_UP -> Run.Kind.BAD;
                    };
                    last.computeIfAbsent(row.getString("id"), _ -> new ArrayList<>())
                            .add(new Run(kind, seconds == null ? -1 : seconds));
                });
        var tries = new HashMap<String, Tries>();
        db.sql("""
                select wanted.id, (select count(*)
                                     from (select from delivery
                                            where channel = wanted.id
                                              and state = 'failed'
                                              and settled_at is null
                                            limit :most) as waiting) as waiting
                  from unnest(:channels) as wanted (id)
                """)
                .param("channels", channels.toArray(String[]::new))
                .param("most", MOST_WAITING + 1)
                .query(row -> {
                    var id = row.getString("id");
                    tries.put(id, new Tries(last.getOrDefault(id, List.of()), row.getLong("waiting")));
                });
        return tries;
    }

    private Delivery delivery(ResultSet row, int n) throws SQLException {
        var seconds = row.getDouble("last_seconds");
        var unknown = row.wasNull();
        return new Delivery(
                row.getLong("number"),
                row.getString("id"),
                row.getString("channel"),
                row.getString("kind"),
                row.getString("topic"),
                json.readValue(row.getString("message"), Message.class),
                Delivery.State.of(row.getString("state")),
                row.getInt("tries"),
                optionalInstant(row, "last_try_at"),
                Optional.ofNullable(row.getString("last_answer")),
                unknown ? Optional.empty() : Optional.of(seconds),
                optionalInstant(row, "next_try"),
                instant(row, "created_at"),
                optionalInstant(row, "settled_at"));
    }

    private static @Nullable String text(Optional<Instant> instant) {
        return instant.map(Instant::toString).orElse(null);
    }
}
