package io.muster.server.audit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.muster.merklelog.CanonicalJson;
import io.muster.merklelog.Hash;
import io.muster.server.access.Caller;
import io.muster.server.access.KnownTenants;
import io.muster.server.audit.Append.Outcome;
import io.muster.server.audit.Append.Repeat;
import io.muster.server.audit.EventReader.Item;
import io.muster.server.audit.EventReader.Item.Sent;
import io.muster.server.audit.EventReader.Item.Wrong;
import io.muster.server.audit.Opening.Row;
import io.muster.server.audit.Sealing.ToSeal;
import io.muster.server.groupcommit.Busy;
import io.muster.server.groupcommit.GroupCommit;
import io.muster.server.keys.Keys;
import io.muster.server.problem.Problem;
import io.muster.server.problem.Refused;
import java.io.ByteArrayOutputStream;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import tools.jackson.databind.json.JsonMapper;

/** What becomes of events that a client sends: read, sealed, stored, and answered with a receipt each. */
@Component
class Ingest {

    private static final int MOST_TRIES = 5;
    private static final long TENANTS_ARE_KNOWN_FOR = 5_000_000_000L;
    private static final int MOST_TENANTS = 100_000;
    private static final Duration SOON = Duration.ofSeconds(1);

    /** What an item is answered: a receipt, or why it is not recorded. */
    sealed interface Answer {
        record Receipt(UUID eventId, String tenant, long sequence, Hash leaf, Instant receivedAt, boolean duplicate)
                implements Answer {
            void write(StringBuilder out, boolean withStatus) {
                out.append('{');
                if (withStatus)
                    out.append("\"status\":").append(duplicate ? 200 : 201).append(',');
                out.append("\"eventId\":\"").append(eventId).append("\",\"tenantId\":");
                CanonicalJson.write(tenant, out);
                out.append(",\"sequence\":")
                        .append(sequence)
                        .append(",\"leafHash\":\"")
                        .append(leaf);
                out.append("\",\"receivedAt\":\"").append(AuditEvent.text(receivedAt));
                out.append("\",\"duplicate\":").append(duplicate).append('}');
            }
        }

        record Refusal(Problem problem) implements Answer {}
    }

    /** A body, or a part of one, and the key under which a client may send it again. */
    record Sending(Caller by, @Nullable String key, byte[] body, int length) {}

    private final EventReader reader;
    private final Sealing sealing;
    private final Opening opening;
    private final Logs logs;
    private final GroupCommit<Append, Outcome> commits;
    private final KnownTenants tenants;
    private final InstantSource clock;
    private final JsonMapper json;
    private final byte[] requestKey;
    private final byte[] idKey;
    private final SecureRandom random = new SecureRandom();
    /** Until when, by {@link System#nanoTime()}, a tenant need not be looked up again. */
    private final Map<String, Long> known = new ConcurrentHashMap<>();

    Ingest(
            EventReader reader,
            Sealing sealing,
            Opening opening,
            Logs logs,
            GroupCommit<Append, Outcome> auditCommits,
            KnownTenants tenants,
            InstantSource clock,
            JsonMapper json,
            Keys keys) {
        this.reader = reader;
        this.sealing = sealing;
        this.opening = opening;
        this.logs = logs;
        this.commits = auditCommits;
        this.tenants = tenants;
        this.clock = clock;
        this.json = json;
        this.requestKey = keys.derive("audit requests");
        this.idKey = keys.derive("audit event ids");
    }

    /**
     * Stores what is right of it. Returns once that is durable.
     *
     * @return an answer for each event, in their order
     */
    List<Answer> take(Sending sending) {
        var now = clock.instant();
        var repeat = repeat(sending);
        return store(sending.by(), reader.read(sending.body(), sending.length(), now, ids(sending, now)), repeat);
    }

    /** The same for lines, each of which may be no JSON by itself. */
    List<Answer> takeLines(Caller by, @Nullable String key, List<byte[]> lines) {
        var now = clock.instant();
        var whole = new ByteArrayOutputStream();
        lines.forEach(whole::writeBytes);
        var sending = new Sending(by, key, whole.toByteArray(), whole.size());
        var ids = ids(sending, now);
        var items = new ArrayList<Item>(lines.size());
        for (var line : lines) {
            int place = items.size();
            items.add(reader.readLine(line, now, _ -> ids.apply(place)));
        }
        return store(by, items, repeat(sending));
    }

    private List<Answer> store(Caller by, List<Item> items, @Nullable Repeat repeat) {
        var answers = new ArrayList<@Nullable Answer>(items.size());
        var open = open(by, items);
        var events = new ArrayList<ToSeal>(items.size());
        for (var item : items) {
            switch (item) {
                case Wrong(var problem) -> answers.add(new Answer.Refusal(problem));
                case Sent(var event, var ownId) -> {
                    if (open.contains(event.tenantId())) {
                        events.add(new ToSeal(event, ownId || repeat != null));
                        answers.add(null);
                    } else {
                        answers.add(new Answer.Refusal(Problem.notFound("There is no tenant "
                                + Refused.shown(event.tenantId())
                                + " that this key may write to: declare it first.")));
                    }
                }
            }
        }
        if (!events.isEmpty()) {
            var receipts = store(events, repeat).iterator();
            answers.replaceAll(answer -> answer == null ? receipts.next() : answer);
        }
        return answers.stream().map(answer -> requireNonNull(answer)).toList();
    }

    /** The tenants that {@code by} may write to. They are declared seldom and events come often. */
    private Set<String> open(Caller by, List<Item> items) {
        long now = System.nanoTime();
        var open = new HashSet<String>();
        var asked = new HashSet<String>();
        for (var item : items) {
            if (!(item instanceof Sent sent)) continue;
            var tenant = sent.event().tenantId();
            if (tenant.equals(OwnEvent.PLATFORM)
                    || by.tenant() != null && !by.tenant().equals(tenant)) continue;
            var until = known.get(tenant);
            (until != null && now - until < 0 ? open : asked).add(tenant);
        }
        if (asked.isEmpty()) return open;
        if (known.size() >= MOST_TENANTS) known.clear();
        for (var tenant : tenants.known(asked)) {
            known.put(tenant, now + TENANTS_ARE_KNOWN_FOR);
            open.add(tenant);
        }
        return open;
    }

    private List<Answer> store(List<ToSeal> events, @Nullable Repeat repeat) {
        try {
            for (int tries = 0; tries < MOST_TRIES; tries++) {
                var sealed = sealing.seal(events);
                switch (commits.submit(new Append(sealed, repeat))) {
                    case Outcome.Stored(var places) -> {
                        return receipts(events, sealed, places, repeat != null);
                    }
                    case Outcome.OtherBody() ->
                        throw Problem.conflict("This Idempotency-Key came with another body before: take another key.");
                    case Outcome.SealAnew() ->
                        events.forEach(one -> logs.forget(one.event().tenantId()));
                }
            }
            throw Problem.busy(SOON, "Persons are being erased: try again.");
        } catch (Busy | DataAccessException | TransactionException away) {
            if (away instanceof Busy busy && busy.isFull()) throw full();
            throw Problem.busy(
                    SOON,
                    "The events may not be recorded, for the database does not answer: send them again with the same ids.");
        }
    }

    static Problem full() {
        return Problem.tooMany(SOON, "More events are coming in than can be stored: send these again in a moment.");
    }

    private List<Answer> receipts(
            List<ToSeal> sent, List<SealedEvent> sealed, List<Append.Place> places, boolean whole) {
        var answers = new ArrayList<Answer>(sealed.size());
        for (int i = 0; i < sealed.size(); i++) {
            var event = sealed.get(i);
            var place = places.get(i);
            var row = place.before() == null
                    ? null
                    : new Row(place.sequence(), place.receivedAt(), event.eventId(), new byte[0], place.before());
            if (row != null
                    && !opening.isOf(event.log(), row, sent.get(i).event().canonical())) {
                var conflict = Problem.conflict("Event " + event.eventId() + " is on record with another content.");
                if (whole && sealed.size() == 1) throw conflict;
                answers.add(new Answer.Refusal(conflict));
            } else {
                answers.add(new Answer.Receipt(
                        event.eventId(),
                        event.log().tenant(),
                        place.sequence(),
                        place.leaf(),
                        place.receivedAt(),
                        row != null));
            }
        }
        return answers;
    }

    private @Nullable Repeat repeat(Sending sending) {
        if (sending.key() == null) return null;
        return new Repeat(
                sending.by().name(),
                SealedEvent.sha256(sending.key().getBytes(UTF_8)),
                Keys.hmac(requestKey, new String(sending.body(), 0, sending.length(), UTF_8)));
    }

    /** Under a key the same event has the same id each time; else one that grows with time (RFC 9562, version 7). */
    private IntFunction<UUID> ids(Sending sending, Instant now) {
        if (sending.key() == null) {
            return _ -> {
                long high = now.toEpochMilli() << 16 | 0x7000 | random.nextInt(1 << 12);
                return new UUID(high, random.nextLong() >>> 2 | 1L << 63);
            };
        }
        return place -> Keys.uuid(idKey, sending.by().name() + "\n" + sending.key() + "\n" + place);
    }

    /** The answer to one event. */
    String one(Answer answer) {
        return switch (answer) {
            case Answer.Receipt receipt -> {
                var out = new StringBuilder(256);
                receipt.write(out, false);
                yield out.toString();
            }
            case Answer.Refusal(var problem) -> throw problem;
        };
    }

    /** 201 if none was refused, 422 if all were, else 207. */
    HttpStatus status(List<Answer> answers) {
        long refused = answers.stream().filter(Answer.Refusal.class::isInstance).count();
        if (refused == 0) return HttpStatus.CREATED;
        return refused == answers.size() ? HttpStatus.UNPROCESSABLE_CONTENT : HttpStatus.MULTI_STATUS;
    }

    /** The answer to many. */
    StringBuilder many(List<Answer> answers) {
        var out = new StringBuilder(64 + answers.size() * 256).append("{\"items\":[");
        int refused = 0;
        for (int i = 0; i < answers.size(); i++) {
            if (i > 0) out.append(',');
            switch (answers.get(i)) {
                case Answer.Receipt receipt -> receipt.write(out, true);
                case Answer.Refusal(var problem) -> {
                    out.append(json.writeValueAsString(refusal(problem)));
                    refused++;
                }
            }
        }
        return out.append("],\"recorded\":")
                .append(answers.size() - refused)
                .append(",\"refused\":")
                .append(refused)
                .append('}');
    }

    private static Map<String, Object> refusal(Problem problem) {
        var detail = problem.detail();
        var members = new HashMap<String, Object>();
        members.put("status", problem.status().value());
        members.put("type", requireNonNull(detail.getType()).toString());
        members.put("detail", requireNonNull(detail.getDetail()));
        if (detail.getProperties() != null) members.putAll(detail.getProperties());
        return members;
    }
}
