package io.muster.server.audit;

import static java.util.Objects.requireNonNull;

import io.muster.merklelog.Frontier;
import io.muster.merklelog.Hash;
import io.muster.server.audit.Append.Outcome;
import io.muster.server.audit.Append.Place;
import io.muster.server.groupcommit.GroupCommit;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.PessimisticLockingFailureException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Gives events their places and stores them: a batch in one transaction. Each log's head is moved by compare-and-swap on its size and root, and so
 * fenced: however many servers there are, no log can fork. First a guess: that heads are as this server left them, and that no event came
 * before. If it is wrong, nothing is stored, and the batch goes the long way: heads are locked and read, and events looked for.
 */
@Component
class Sequencer implements GroupCommit.Batch<Append, Outcome> {

    /** How far back an event of the same id is looked for: longer than a client may repeat it. */
    private static final int REMEMBERED_DAYS = 32;

    /** Heads that are remembered; each takes about a kilobyte. */
    private static final int MOST_HEADS = 20_000;

    private record Head(int log, long size, Hash root, Frontier frontier, Instant lastAt, UUID seal) {}

    /** What a batch adds: its rows, where each event is then, and how each log grows, in the order of their ids. */
    private record Addition(Instant at, EventCopy rows, Map<Id, Place> places, List<Growing> logs) {}

    /** A log from one head to the next. */
    private record Growing(News news, Head before, Head after) {
        OpenTiles.Growth growth() {
            return new OpenTiles.Growth(
                    before.log(),
                    before.size(),
                    before.root().bytes(),
                    after.root().bytes(),
                    news.leaves(),
                    news.probes());
        }

        LogGrew grew() {
            return new LogGrew(
                    news.log(), after.size(), after.root(), new LogGrew.Before(before.size(), before.root()));
        }
    }

    /** What a log is given. */
    private record News(TenantLog log, List<Hash> leaves, List<long[]> probes) {}

    private record Id(int log, UUID event) {}

    private final JdbcTemplate db;
    private final InstantSource clock;
    private final OpenTiles tiles;
    private final RequestMemory memory;
    private final ApplicationEventPublisher events;
    private final TransactionTemplate transaction;
    private final Set<YearMonth> months = ConcurrentHashMap.newKeySet();
    private final Map<Integer, Head> left = new ConcurrentHashMap<>();

    Sequencer(
            JdbcTemplate db,
            InstantSource clock,
            OpenTiles tiles,
            RequestMemory memory,
            ApplicationEventPublisher events,
            PlatformTransactionManager transactions) {
        this.events = events;
        this.db = db;
        this.clock = clock;
        this.tiles = tiles;
        this.memory = memory;
        this.transaction = new TransactionTemplate(transactions);
    }

    @Override
    public List<Outcome> commit(List<Append> appends) {
        try {
            var outcomes = guess(appends);
            if (outcomes != null) return outcomes;
            return requireNonNull(transaction.execute(_ -> store(appends)));
        } catch (PessimisticLockingFailureException anotherServersGuess) { // it locks in no order that we know
            return requireNonNull(transaction.execute(_ -> store(appends)));
        }
    }

    /** Null, with nothing stored: heads have moved, or an event came before. */
    private @Nullable List<Outcome> guess(List<Append> appends) {
        var heads = new HashMap<Integer, Head>();
        var events = new ArrayList<SealedEvent>();
        var ids = new HashSet<Id>();
        for (var append : appends) {
            for (var event : append.events()) {
                var head = left.get(event.log().id());
                if (head == null || !head.seal().equals(event.log().seal()) || !ids.add(id(event))) return null;
                heads.put(head.log(), head);
                events.add(event);
            }
        }
        return transaction.execute(turn -> {
            var addition = add(events, heads);
            if (move(addition) == heads.size()
                    && otherBodies(appends).isEmpty()
                    && known(events).isEmpty()) {
                copy(addition);
                return appends.stream()
                        .map(append -> (Outcome) new Outcome.Stored(append.events().stream()
                                .map(event -> requireNonNull(addition.places().get(id(event))))
                                .toList()))
                        .toList();
            }
            heads.keySet().forEach(left::remove);
            turn.setRollbackOnly();
            return null;
        });
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
                "select log_id, size, root, frontier, last_at, seal from audit_head where log_id = any (?) order by log_id for update",
                sql -> sql.setArray(1, sql.getConnection().createArrayOf("integer", ids)),
                row -> {
                    long size = row.getLong("size");
                    var last = row.getTimestamp("last_at");
                    heads.put(
                            row.getInt("log_id"),
                            new Head(
                                    row.getInt("log_id"),
                                    size,
                                    Hash.split(row.getBytes("root")).getFirst(),
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
        var addition = add(news.values(), heads);
        int moved = move(addition);
        if (moved != addition.logs().size()) {
            throw new IllegalStateException("a log's head was moved under its lock: " + moved + " of "
                    + addition.logs().size());
        }
        copy(addition);
        places.putAll(addition.places());
        return places;
    }

    private Addition add(Collection<SealedEvent> news, Map<Integer, Head> heads) {
        var now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        for (var event : news) {
            var last = requireNonNull(heads.get(event.log().id())).lastAt();
            if (last.isAfter(now)) now = last; // another server's clock is ahead: time does not go back in a log
        }
        var at = AuditEvent.text(now).getBytes(StandardCharsets.US_ASCII);
        var rows = new EventCopy(news.size());
        var places = HashMap.<Id, Place>newHashMap(news.size());
        var given = new TreeMap<Integer, News>();
        for (var event : news) {
            event.receive(at);
            var commitment = event.commitment();
            var leaf = SealedEvent.leaf(now, commitment, event.eventId());
            var its = given.computeIfAbsent(
                    event.log().id(), _ -> new News(event.log(), new ArrayList<>(), new ArrayList<>()));
            long idx = requireNonNull(heads.get(event.log().id())).size()
                    + its.leaves().size();
            its.leaves().add(leaf);
            its.probes().add(event.probes());
            rows.add(event, idx, now, commitment);
            places.put(id(event), new Place(idx, now, leaf, null));
        }
        var grown = new ArrayList<Growing>(given.size());
        for (var its : given.values())
            grown.add(grow(requireNonNull(heads.get(its.log().id())), its, now));
        return new Addition(now, rows, places, grown);
    }

    private static Growing grow(Head before, News news, Instant now) {
        var frontier = before.frontier().append(news.leaves());
        return new Growing(
                news, before, new Head(before.log(), frontier.size(), frontier.root(), frontier, now, before.seal()));
    }

    private void copy(Addition addition) {
        var month = month(addition.at());
        db.execute((Connection connection) -> {
            addition.rows().send(connection, month);
            return null;
        });
        tiles.append(addition.logs().stream().map(Growing::growth).toList(), addition.at());
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
        EventRows.readsAll(JdbcClient.create(db));
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

    /** @return how many were as they were taken for */
    private int move(Addition addition) {
        var logs = addition.logs();
        int n = logs.size();
        int count = db.update("""
                update audit_head
                   set size = news.size, root = news.root, frontier = news.frontier, last_at = ?
                  from unnest(?, ?, ?, ?, ?, ?, ?) as news (log_id, old_size, old_root, size, root, frontier, seal)
                 where audit_head.log_id = news.log_id and audit_head.size = news.old_size
                   and audit_head.root = news.old_root and audit_head.seal = news.seal
                """, sql -> {
            sql.setTimestamp(1, Timestamp.from(addition.at()));
            sql.setArray(2, column(sql, "integer", logs, log -> log.before().log(), Integer[]::new));
            sql.setArray(3, column(sql, "bigint", logs, log -> log.before().size(), Long[]::new));
            sql.setArray(
                    4, column(sql, "bytea", logs, log -> log.before().root().bytes(), byte[][]::new));
            sql.setArray(5, column(sql, "bigint", logs, log -> log.after().size(), Long[]::new));
            sql.setArray(6, column(sql, "bytea", logs, log -> log.after().root().bytes(), byte[][]::new));
            sql.setArray(
                    7, column(sql, "bytea", logs, log -> log.after().frontier().bytes(), byte[][]::new));
            sql.setArray(8, column(sql, "uuid", logs, log -> log.before().seal(), UUID[]::new));
        });
        if (count != n) return count;
        logs.forEach(log -> events.publishEvent(log.grew()));
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                if (left.size() + n > MOST_HEADS) left.clear();
                logs.forEach(log -> left.put(log.after().log(), log.after()));
            }
        });
        return n;
    }

    private static <T> Array column(
            PreparedStatement sql, String type, List<Growing> logs, Function<Growing, T> value, IntFunction<T[]> array)
            throws SQLException {
        return sql.getConnection().createArrayOf(type, logs.stream().map(value).toArray(array));
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
