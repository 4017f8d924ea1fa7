package io.muster.server.audit;

import static java.util.Objects.requireNonNull;

import io.muster.merklelog.Frontier;
import io.muster.server.access.BaseUrl;
import io.muster.server.audit.TenantLog.Person;
import io.muster.server.audit.TenantLog.Trait;
import io.muster.server.groupcommit.GroupCommit;
import io.muster.server.keys.FieldKey;
import io.muster.server.keys.Keys;
import jakarta.annotation.PreDestroy;
import java.net.URI;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** The tables {@code audit_log} and {@code sealed.*}: which logs there are, and the keys of those who are in them. */
@Repository
class Logs {

    /** Of a log's origin; several cells come later. */
    static final String CELL = "main";

    private static final String COLUMNS = """
            select l.log_id, l.tenant, l.epoch, l.origin, h.seal, k.wrapped
              from audit_log l
              join audit_head h on h.log_id = l.log_id
              join sealed.audit_tenant_key k on k.log_id = l.log_id
            """;

    private static final GroupCommit.Limits LIMITS =
            new GroupCommit.Limits("audit-people", 4_096, 512, 1, Duration.ofSeconds(8));

    private final JdbcClient db;
    private final BaseUrl baseUrl;
    private final InstantSource clock;
    private final FieldKey rootKey;
    private final TransactionTemplate apart;
    private final Map<String, TenantLog> known = new ConcurrentHashMap<>();
    private final GroupCommit<Meeting, Known> meetings = new GroupCommit<>(this::meetAll, _ -> 0, LIMITS);

    Logs(JdbcClient db, BaseUrl baseUrl, InstantSource clock, Keys keys, PlatformTransactionManager transactions) {
        this.db = db;
        this.baseUrl = baseUrl;
        this.clock = clock;
        this.rootKey = new FieldKey(keys.derive("audit tenant keys"));
        this.apart = new TransactionTemplate(transactions);
        this.apart.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
    }

    @PreDestroy
    void close() {
        meetings.close();
    }

    /** The log of a tenant into which events are written now; begun if there is none. */
    TenantLog open(String tenant) {
        var log = known.get(tenant);
        if (log == null) {
            log = unfrozen(tenant).orElseGet(() -> {
                begin(tenant, 1);
                return unfrozen(tenant).orElseThrow();
            });
            known.put(tenant, log);
        }
        return log;
    }

    /** What is known of a tenant's log is out of date. */
    void forget(String tenant) {
        known.remove(tenant);
    }

    void forgetAll() {
        known.clear();
    }

    /** The newest log of a tenant that has one, as the database has it now. */
    Optional<TenantLog> newest(String tenant) {
        return logs(tenant).stream().findFirst();
    }

    /** All logs of a tenant, the newest epoch first. */
    List<TenantLog> logs(String tenant) {
        return db.sql(COLUMNS + "where l.tenant = :tenant order by l.epoch desc")
                .param("tenant", tenant)
                .query(this::log)
                .list();
    }

    /** The one that grows: an epoch that was begun waits until the one before is frozen. */
    private Optional<TenantLog> unfrozen(String tenant) {
        return db.sql(COLUMNS + "where l.tenant = :tenant and l.frozen_at is null order by l.epoch limit 1")
                .param("tenant", tenant)
                .query(this::log)
                .optional();
    }

    private TenantLog log(ResultSet row, int n) throws SQLException {
        int id = row.getInt("log_id");
        return TenantLog.of(
                id,
                row.getString("tenant"),
                row.getInt("epoch"),
                row.getString("origin"),
                row.getObject("seal", UUID.class),
                rootKey.open(row.getBytes("wrapped"), "tenant key|" + id));
    }

    /** Begins an epoch of a tenant's log, unless somebody else just did. */
    void begin(String tenant, int epoch) {
        apart.executeWithoutResult(_ -> {
            int id = db.sql("select nextval('audit_log_log_id_seq')")
                    .query(Integer.class)
                    .single();
            var origin = host() + "/" + CELL + "/l/" + id + (epoch == 1 ? "" : "/e" + epoch);
            int begun = db.sql("""
                    insert into audit_log (log_id, tenant, epoch, origin, created_at)
                    values (:id, :tenant, :epoch, :origin, :now)
                        on conflict (tenant, epoch) do nothing
                    """)
                    .param("id", id)
                    .param("tenant", tenant)
                    .param("epoch", epoch)
                    .param("origin", origin)
                    .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                    .update();
            if (begun == 0) return;
            db.sql("insert into audit_head (log_id, root, frontier) values (:id, :root, :frontier)")
                    .param("id", id)
                    .param("root", Frontier.EMPTY.root().bytes())
                    .param("frontier", Frontier.EMPTY.bytes())
                    .update();
            db.sql("insert into sealed.audit_tenant_key (log_id, wrapped) values (:id, :wrapped)")
                    .param("id", id)
                    .param("wrapped", rootKey.seal(FieldKey.random(), "tenant key|" + id))
                    .update();
        });
    }

    private String host() {
        return URI.create(baseUrl.url("/")).getHost();
    }

    /** Somebody by name, in one log. */
    record Name(TenantLog log, String name) {}

    /** What a person came with. */
    record Met(TenantLog log, Person person, Trait trait) {}

    /** Persons and traits that this server has not met. */
    private record Meeting(Set<Name> names, Set<Met> traits) {}

    private record Known(Map<Name, Person> people, Map<Met, Long> refs) {}

    /** The persons of these names, remembered from now on; those that are new are made. */
    Map<Name, Person> meet(Set<Name> names) {
        return names.isEmpty()
                ? Map.of()
                : meetings.submit(new Meeting(names, Set.of())).people();
    }

    /**
     * The references of persons' traits, remembered from now on; those that are new are made.
     *
     * @throws DataIntegrityViolationException a person was erased meanwhile
     */
    Map<Met, Long> meetTraits(Set<Met> traits) {
        if (traits.isEmpty()) return Map.of();
        var refs = meetings.submit(new Meeting(Set.of(), traits)).refs();
        if (!refs.keySet().containsAll(traits)) throw new DataIntegrityViolationException("a person is gone");
        return refs;
    }

    /** Of all logs together: two questions, however many requests bring somebody new. */
    private List<Known> meetAll(List<Meeting> together) {
        var names = new HashSet<Name>();
        var traits = new HashSet<Met>();
        together.forEach(meeting -> {
            names.addAll(meeting.names());
            traits.addAll(meeting.traits());
        });
        var known =
                requireNonNull(apart.execute(_ -> new Known(people(List.copyOf(names)), refs(List.copyOf(traits)))));
        known.people().forEach((name, person) -> name.log().remember(name.name(), person)); // once their keys are safe
        known.refs().forEach((met, ref) -> met.person().remember(met.trait(), ref));
        return Collections.nCopies(together.size(), known);
    }

    private Map<Name, Person> people(List<Name> strangers) {
        var met = new HashMap<Name, Person>();
        if (strangers.isEmpty()) return met;
        record Key(int log, String lookup) {}
        var asked = new HashMap<Key, Name>();
        int n = strangers.size();
        var ids = new Integer[n];
        var lookups = new byte[n][];
        var refs = new UUID[n];
        var keys = new byte[n][];
        for (int i = 0; i < n; i++) {
            var log = strangers.get(i).log();
            ids[i] = log.id();
            lookups[i] = log.lookup("person", strangers.get(i).name());
            asked.put(new Key(log.id(), hex(lookups[i])), strangers.get(i));
            refs[i] = UUID.randomUUID();
            keys[i] = log.tenantKey().seal(FieldKey.random(), log.keyPlace(refs[i]));
        }
        db.sql("""
                    insert into sealed.audit_person (log_id, lookup, ref, dek, created_at)
                    select log_id, lookup, ref, dek, :now
                      from unnest(:ids, :lookups, :refs, :keys) as news (log_id, lookup, ref, dek)
                     order by log_id, lookup
                        on conflict do nothing
                    """)
                .param("ids", ids)
                .param("lookups", lookups)
                .param("refs", refs)
                .param("keys", keys)
                .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                .update();
        db.sql("""
                    select p.log_id, p.lookup, p.ref, p.dek
                      from unnest(:ids, :lookups) as asked (log_id, lookup)
                      join sealed.audit_person p on p.log_id = asked.log_id and p.lookup = asked.lookup
                    """).param("ids", ids).param("lookups", lookups).query(row -> {
            var name = requireNonNull(asked.get(new Key(row.getInt("log_id"), hex(row.getBytes("lookup")))));
            var ref = row.getObject("ref", UUID.class);
            var log = name.log();
            var person = Person.of(ref, log.tenantKey().open(row.getBytes("dek"), log.keyPlace(ref)));
            met.put(name, person);
        });
        return met;
    }

    private Map<Met, Long> refs(List<Met> news) {
        var refs = new HashMap<Met, Long>();
        if (news.isEmpty()) return refs;
        record Key(int log, short kind, String lookup, UUID person) {}
        var asked = new HashMap<Key, Met>();
        int n = news.size();
        var ids = new Integer[n];
        var kinds = new Short[n];
        var lookups = new byte[n][];
        var people = new UUID[n];
        var drawn = new Long[n];
        for (int i = 0; i < n; i++) {
            var one = news.get(i);
            ids[i] = one.log().id();
            kinds[i] = one.trait().kind();
            lookups[i] = lookup(one.log(), one.trait());
            people[i] = one.person().ref();
            drawn[i] = ThreadLocalRandom.current().nextLong();
            asked.put(new Key(ids[i], kinds[i], hex(lookups[i]), people[i]), one);
        }
        db.sql("""
                    insert into sealed.audit_trait (log_id, class, lookup, person, ref)
                    select log_id, class, lookup, person, ref
                      from unnest(:ids, :kinds, :lookups, :people, :refs) as news (log_id, class, lookup, person, ref)
                     where exists (select from sealed.audit_person p where p.ref = news.person)
                     order by log_id, class, lookup, person
                        on conflict do nothing
                    """)
                .param("ids", ids)
                .param("kinds", kinds)
                .param("lookups", lookups)
                .param("people", people)
                .param("refs", drawn)
                .update();
        db.sql("""
                    select t.log_id, t.class, t.lookup, t.person, t.ref
                      from unnest(:ids, :kinds, :lookups, :people) as met (log_id, class, lookup, person)
                      join sealed.audit_trait t
                        on t.log_id = met.log_id and t.class = met.class and t.lookup = met.lookup and t.person = met.person
                    """)
                .param("ids", ids)
                .param("kinds", kinds)
                .param("lookups", lookups)
                .param("people", people)
                .query(row -> {
                    var key = new Key(
                            row.getInt("log_id"),
                            row.getShort("class"),
                            hex(row.getBytes("lookup")),
                            row.getObject("person", UUID.class));
                    refs.put(requireNonNull(asked.get(key)), row.getLong("ref"));
                });
        return refs;
    }

    private static byte[] lookup(TenantLog log, Trait trait) {
        return log.lookup(trait.kind() == Trait.IP ? "ip" : "agent", trait.value());
    }

    /** The references under which {@code trait} may be found: one for each person who came with it; {@code most} at most. */
    List<Long> refs(TenantLog log, Trait trait, int most) {
        return db.sql(
                        "select ref from sealed.audit_trait where log_id = :log and class = :kind and lookup = :lookup limit :most")
                .param("log", log.id())
                .param("kind", trait.kind())
                .param("lookup", lookup(log, trait))
                .param("most", most)
                .query((row, n) -> row.getLong("ref"))
                .list();
    }

    /** The person of that name, unless there is none, or none any more. */
    Optional<UUID> person(TenantLog log, String name) {
        return db.sql("select ref from sealed.audit_person where log_id = :log and lookup = :lookup")
                .param("log", log.id())
                .param("lookup", log.lookup("person", name))
                .query(UUID.class)
                .optional();
    }

    /** Keys of those of {@code refs} who are not erased, as the database has them now. */
    Map<UUID, FieldKey> keys(TenantLog log, Collection<UUID> refs) {
        var keys = new HashMap<UUID, FieldKey>();
        if (refs.isEmpty()) return keys;
        db.sql("select ref, dek from sealed.audit_person where log_id = :log and ref = any (:refs)")
                .param("log", log.id())
                .param("refs", refs.toArray(UUID[]::new))
                .query(row -> {
                    var ref = row.getObject("ref", UUID.class);
                    keys.put(ref, new FieldKey(log.tenantKey().open(row.getBytes("dek"), log.keyPlace(ref))));
                });
        return keys;
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
