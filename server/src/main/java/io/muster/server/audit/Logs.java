package io.muster.server.audit;

import static java.util.Objects.requireNonNull;

import io.muster.merklelog.Frontier;
import io.muster.server.access.BaseUrl;
import io.muster.server.audit.TenantLog.Person;
import io.muster.server.audit.TenantLog.Trait;
import io.muster.server.keys.FieldKey;
import io.muster.server.keys.Keys;
import java.net.URI;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
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

    private final JdbcClient db;
    private final BaseUrl baseUrl;
    private final InstantSource clock;
    private final FieldKey rootKey;
    private final TransactionTemplate apart;
    private final Map<String, TenantLog> known = new ConcurrentHashMap<>();

    Logs(JdbcClient db, BaseUrl baseUrl, InstantSource clock, Keys keys, PlatformTransactionManager transactions) {
        this.db = db;
        this.baseUrl = baseUrl;
        this.clock = clock;
        this.rootKey = new FieldKey(keys.derive("audit tenant keys"));
        this.apart = new TransactionTemplate(transactions);
        this.apart.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
    }

    /** The log of a tenant into which events are written now; begun if there is none. */
    TenantLog open(String tenant) {
        var log = known.get(tenant);
        if (log == null) {
            log = newest(tenant).orElseGet(() -> {
                begin(tenant, 1);
                return newest(tenant).orElseThrow();
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
        return db.sql("""
                select l.log_id, l.tenant, l.epoch, l.origin, h.seal, k.wrapped
                  from audit_log l
                  join audit_head h on h.log_id = l.log_id
                  join sealed.audit_tenant_key k on k.log_id = l.log_id
                 where l.tenant = :tenant
                 order by l.epoch desc
                """)
                .param("tenant", tenant)
                .query((row, n) -> {
                    int id = row.getInt("log_id");
                    return TenantLog.of(
                            id,
                            row.getString("tenant"),
                            row.getInt("epoch"),
                            row.getString("origin"),
                            row.getObject("seal", UUID.class),
                            rootKey.open(row.getBytes("wrapped"), "tenant key|" + id));
                })
                .list();
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

    /** The persons of these names; those that are new are made. */
    Map<String, Person> meet(TenantLog log, Set<String> names) {
        var met = new HashMap<String, Person>();
        var strangers = new ArrayList<String>(0);
        for (var name : names) {
            var person = log.people().get(name);
            if (person != null) {
                met.put(name, person);
            } else {
                strangers.add(name);
            }
        }
        if (strangers.isEmpty()) return met;
        var lookups = new LinkedHashMap<String, String>(); // hex of the lookup, name
        var bytes = new byte[strangers.size()][];
        var refs = new UUID[strangers.size()];
        var keys = new byte[strangers.size()][];
        for (int i = 0; i < refs.length; i++) {
            bytes[i] = log.lookup("person", strangers.get(i));
            lookups.put(hex(bytes[i]), strangers.get(i));
            refs[i] = UUID.randomUUID();
            keys[i] = log.tenantKey().seal(FieldKey.random(), log.keyPlace(refs[i]));
        }
        apart.executeWithoutResult(_ -> {
            db.sql("""
                    insert into sealed.audit_person (log_id, lookup, ref, dek, created_at)
                    select :log, lookup, ref, dek, :now
                      from unnest(:lookups, :refs, :keys) as news (lookup, ref, dek)
                     order by lookup
                        on conflict do nothing
                    """)
                    .param("log", log.id())
                    .param("lookups", bytes)
                    .param("refs", refs)
                    .param("keys", keys)
                    .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                    .update();
            db.sql("select lookup, ref, dek from sealed.audit_person where log_id = :log and lookup = any (:lookups)")
                    .param("log", log.id())
                    .param("lookups", bytes)
                    .query(row -> {
                        var ref = row.getObject("ref", UUID.class);
                        var name = requireNonNull(lookups.get(hex(row.getBytes("lookup"))));
                        var person = Person.of(ref, log.tenantKey().open(row.getBytes("dek"), log.keyPlace(ref)));
                        met.put(name, person);
                        log.remember(name, person);
                    });
        });
        return met;
    }

    /** The references of persons' traits; those that are new are made. */
    Map<Person, Map<Trait, Long>> meetTraits(TenantLog log, Map<Person, Set<Trait>> met) {
        record New(Person person, Trait trait, byte[] lookup) {}
        var refs = new HashMap<Person, Map<Trait, Long>>();
        var news = new ArrayList<New>(0);
        met.forEach((person, traits) -> {
            var its = new HashMap<Trait, Long>();
            refs.put(person, its);
            for (var trait : traits) {
                var ref = person.traits().get(trait);
                if (ref != null) {
                    its.put(trait, ref);
                } else {
                    news.add(new New(person, trait, lookup(log, trait)));
                }
            }
        });
        if (news.isEmpty()) return refs;
        var kinds = news.stream().map(one -> one.trait().kind()).toArray(Short[]::new);
        var lookups = news.stream().map(New::lookup).toArray(byte[][]::new);
        var people = news.stream().map(one -> one.person().ref()).toArray(UUID[]::new);
        var drawn =
                news.stream().map(_ -> ThreadLocalRandom.current().nextLong()).toArray(Long[]::new);
        record Key(short kind, String lookup, UUID person) {}
        var found = new HashMap<Key, Long>();
        apart.executeWithoutResult(_ -> {
            db.sql("""
                    insert into sealed.audit_trait (log_id, class, lookup, person, ref)
                    select :log, class, lookup, person, ref
                      from unnest(:kinds, :lookups, :people, :refs) as news (class, lookup, person, ref)
                     order by class, lookup, person
                        on conflict do nothing
                    """)
                    .param("log", log.id())
                    .param("kinds", kinds)
                    .param("lookups", lookups)
                    .param("people", people)
                    .param("refs", drawn)
                    .update();
            db.sql("""
                    select t.class, t.lookup, t.person, t.ref
                      from unnest(:kinds, :lookups, :people) as met (class, lookup, person)
                      join sealed.audit_trait t
                        on t.log_id = :log and t.class = met.class and t.lookup = met.lookup and t.person = met.person
                    """)
                    .param("log", log.id())
                    .param("kinds", kinds)
                    .param("lookups", lookups)
                    .param("people", people)
                    .query(row -> {
                        found.put(
                                new Key(
                                        row.getShort("class"),
                                        hex(row.getBytes("lookup")),
                                        row.getObject("person", UUID.class)),
                                row.getLong("ref"));
                    });
        });
        for (var one : news) {
            var ref = found.get(
                    new Key(one.trait().kind(), hex(one.lookup()), one.person().ref()));
            if (ref == null) throw new DataIntegrityViolationException("the person is gone");
            requireNonNull(refs.get(one.person())).put(one.trait(), ref);
            one.person().remember(one.trait(), ref);
        }
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
