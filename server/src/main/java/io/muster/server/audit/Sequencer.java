package io.muster.server.audit;

import static java.util.Objects.requireNonNull;

import io.muster.merklelog.Frontier;
import io.muster.merklelog.Hash;
import io.muster.merklelog.TilePath;
import io.muster.server.audit.Append.Outcome;
import io.muster.server.audit.Append.Place;
import io.muster.server.deadline.Deadlines;
import io.muster.server.groupcommit.GroupCommit;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Gives events their places and stores them: a batch in one transaction. Each log's head is locked, moved by compare-and-swap on its size,
 * and so fenced: however many servers there are, no log can fork.
 */
@Component
class Sequencer implements GroupCommit.Batch<Append, Outcome> {

    /** How far back an event of the same id is looked for: longer than a client may repeat it. */
    private static final int REMEMBERED_DAYS = 32;

    private record Head(int log, long size, Frontier frontier, Instant lastAt, UUID seal) {}

    private record Id(int log, UUID event) {}

    private final JdbcTemplate db;
    private final InstantSource clock;
    private final Deadlines deadlines;
    private final RequestMemory memory;
    private final ApplicationEventPublisher events;
    private final TransactionTemplate transaction;
    private final Set<YearMonth> months = ConcurrentHashMap.newKeySet();

    Sequencer(
            JdbcTemplate db,
            InstantSource clock,
            Deadlines deadlines,
            RequestMemory memory,
            ApplicationEventPublisher events,
            PlatformTransactionManager transactions) {
        this.events = events;
        this.db = db;
        this.clock = clock;
        this.deadlines = deadlines;
        this.memory = memory;
        this.transaction = new TransactionTemplate(transactions);
    }

    @Override
    public List<Outcome> commit(List<Append> appends) {
        return requireNonNull(transaction.execute(_ -> store(appends)));
    }

    /** In the caller's transaction: for what is recorded together with something else. */
    List<Outcome> store(List<Append> appends) {
        var heads = lock(appends);
        var others = otherBodies(appends);
        var outcomes = new ArrayList<@Nullable Outcome>(appends.size());
        var toStore = new ArrayList<SealedEvent>();
        for (var append : appends) {
            Outcome refused = null;
            if (append.repeat() != null && others.contains(append.repeat())) {
                refused = new Outcome.OtherBody();
            } else if (append.events().stream().anyMatch(event -> isOutOfDate(event, heads))) {
                refused = new Outcome.SealAnew();
            } else {
                toStore.addAll(append.events());
            }
            outcomes.add(refused);
        }
        var places = toStore.isEmpty() ? Map.<Id, Place>of() : place(toStore, heads);
        var given = new HashMap<Id, SealedEvent>();
        for (int i = 0; i < outcomes.size(); i++) {
            if (outcomes.get(i) != null) continue;
            var its = new ArrayList<Place>();
            for (var event : appends.get(i).events()) {
                var place = requireNonNull(places.get(id(event)));
                var first = given.putIfAbsent(id(event), event);
                its.add(
                        first == null || place.before() != null
                                ? place
                                : new Place(place.sequence(), place.receivedAt(), place.leaf(), first.envelope()));
            }
            outcomes.set(i, new Outcome.Stored(its));
        }
        return outcomes.stream().map(outcome -> requireNonNull(outcome)).toList();
    }

    private static boolean isOutOfDate(SealedEvent event, Map<Integer, Head> heads) {
        var head = heads.get(event.log().id());
        return head == null || !head.seal().equals(event.log().seal());
    }

    private static Id id(SealedEvent event) {
        return new Id(event.log().id(), event.eventId());
    }

    /** In the order of their ids, so that two servers never wait for each other. */
    private Map<Integer, Head> lock(List<Append> appends) {
        var ids = appends.stream()
                .flatMap(append -> append.events().stream())
                .map(event -> event.log().id())
                .distinct()
                .toArray(Integer[]::new);
        var heads = new TreeMap<Integer, Head>();
        db.query(
                "select log_id, size, frontier, last_at, seal from audit_head where log_id = any (?) order by log_id for update",
                sql -> sql.setArray(1, sql.getConnection().createArrayOf("integer", ids)),
                row -> {
                    long size = row.getLong("size");
                    var last = row.getTimestamp("last_at");
                    heads.put(
                            row.getInt("log_id"),
                            new Head(
                                    row.getInt("log_id"),
                                    size,
                                    Frontier.of(size, row.getBytes("frontier")),
                                    size == 0 ? Instant.EPOCH : last.toInstant(),
                                    row.getObject("seal", UUID.class)));
                });
        return heads;
    }

    /** Which requests came before with the same key and another body; those that did not come before are remembered. */
    private Set<Append.Repeat> otherBodies(List<Append> appends) {
        var others = new HashSet<Append.Repeat>();
        for (var append : appends) {
            var repeat = append.repeat();
            if (repeat == null) continue;
            int first = db.update(
                    "insert into audit_request (caller, key_hash, body_mac, created_at) values (?, ?, ?, ?) on conflict do nothing",
                    repeat.caller(),
                    repeat.key(),
                    repeat.body(),
                    clock.instant().atOffset(ZoneOffset.UTC));
            if (first > 0) {
                memory.remembers(clock.instant());
                continue;
            }
            boolean same = Boolean.TRUE.equals(db.queryForObject(
                    "select body_mac = ? from audit_request where caller = ? and key_hash = ?",
                    Boolean.class,
                    repeat.body(),
                    repeat.caller(),
                    repeat.key()));
            if (!same) others.add(repeat);
        }
        return others;
    }

    private Map<Id, Place> place(List<SealedEvent> events, Map<Integer, Head> heads) {
        var places = known(events);
        var news = new LinkedHashMap<Id, SealedEvent>(); // the first of each id
        for (var event : events) {
            if (!places.containsKey(id(event))) news.putIfAbsent(id(event), event);
        }
        if (news.isEmpty()) return places;
        var now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        for (var event : news.values()) {
            var last = requireNonNull(heads.get(event.log().id())).lastAt();
            if (last.isAfter(now)) now = last; // another server's clock is ahead: time does not go back in a log
        }
        var at = AuditEvent.text(now).getBytes(StandardCharsets.US_ASCII);
        var leaves = new TreeMap<Integer, List<Hash>>();
        var rows = new EventCopy(news.size());
        for (var event : news.values()) {
            event.receive(at);
            var commitment = event.commitment();
            var leaf = SealedEvent.leaf(now, commitment, event.eventId());
            var its = leaves.computeIfAbsent(event.log().id(), _ -> new ArrayList<>());
            long idx = requireNonNull(heads.get(event.log().id())).size() + its.size();
            its.add(leaf);
            rows.add(event, idx, now, commitment);
            places.put(id(event), new Place(idx, now, leaf, null));
        }
        var month = month(now);
        db.execute((Connection connection) -> {
            rows.send(connection, month);
            return null;
        });
        var logs = new HashMap<Integer, TenantLog>();
        news.values().forEach(event -> logs.put(event.log().id(), event.log()));
        move(leaves, heads, logs, now);
        return places;
    }

    /** Where events are that clients send again. The heads are locked, so that none comes in between. */
    private Map<Id, Place> known(List<SealedEvent> events) {
        var places = new HashMap<Id, Place>();
        var asked = events.stream()
                .filter(SealedEvent::ownId)
                .map(SealedEvent::eventId)
                .distinct()
                .toArray(UUID[]::new);
        if (asked.length == 0) return places;
        db.queryForObject("select set_config('muster.log', '*', true)", String.class);
        db.query(
                """
                select log_id, event_id, idx, recorded_at, commitment, envelope
                  from audit_event
                 where event_id = any (?) and recorded_at >= ?
                """,
                sql -> {
                    sql.setArray(1, sql.getConnection().createArrayOf("uuid", asked));
                    sql.setTimestamp(2, Timestamp.from(clock.instant().minus(REMEMBERED_DAYS, ChronoUnit.DAYS)));
                },
                row -> {
                    var id = new Id(row.getInt("log_id"), row.getObject("event_id", UUID.class));
                    var at = row.getObject("recorded_at", OffsetDateTime.class).toInstant();
                    places.put(
                            id,
                            new Place(
                                    row.getLong("idx"),
                                    at,
                                    SealedEvent.leaf(at, row.getBytes("commitment"), id.event()),
                                    row.getBytes("envelope")));
                });
        return places;
    }

    private void move(
            Map<Integer, List<Hash>> leaves, Map<Integer, Head> heads, Map<Integer, TenantLog> logs, Instant now) {
        int n = leaves.size();
        var ids = new Integer[n];
        var olds = new Long[n];
        var sizes = new Long[n];
        var roots = new byte[n][];
        var frontiers = new byte[n][];
        var full = new HashMap<String, Instant>();
        int i = 0;
        for (var log : leaves.entrySet()) {
            var head = requireNonNull(heads.get(log.getKey()));
            var grown = head.frontier().append(log.getValue());
            ids[i] = head.log();
            olds[i] = head.size();
            sizes[i] = grown.size();
            var root = grown.root();
            roots[i] = root.bytes();
            events.publishEvent(new LogGrew(requireNonNull(logs.get(log.getKey())), grown.size(), root));
            frontiers[i] = grown.bytes();
            if (grown.size() / TilePath.FULL > head.size() / TilePath.FULL) full.put(Integer.toString(head.log()), now);
            i++;
        }
        int moved = db.update("""
                update audit_head
                   set size = news.size, root = news.root, frontier = news.frontier, last_at = ?
                  from unnest(?, ?, ?, ?, ?) as news (log_id, old, size, root, frontier)
                 where audit_head.log_id = news.log_id and audit_head.size = news.old
                """, sql -> {
            sql.setTimestamp(1, Timestamp.from(now));
            sql.setArray(2, sql.getConnection().createArrayOf("integer", ids));
            sql.setArray(3, sql.getConnection().createArrayOf("bigint", olds));
            sql.setArray(4, sql.getConnection().createArrayOf("bigint", sizes));
            sql.setArray(5, sql.getConnection().createArrayOf("bytea", roots));
            sql.setArray(6, sql.getConnection().createArrayOf("bytea", frontiers));
        });
        if (moved != n) throw new IllegalStateException("a log's head was moved under its lock: " + moved + " of " + n);
        deadlines.arm(TileSealer.NAME, full);
    }

    /** The month's table, made when its first event comes. */
    private String month(Instant now) {
        var month = YearMonth.from(now.atOffset(ZoneOffset.UTC));
        if (months.contains(month)) return "audit_event_%04d%02d".formatted(month.getYear(), month.getMonthValue());
        var name =
                requireNonNull(db.queryForObject("select audit_month(?)", String.class, now.atOffset(ZoneOffset.UTC)));
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                months.add(month);
            }
        });
        return name;
    }
}
