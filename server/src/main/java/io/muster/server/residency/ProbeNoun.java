package io.muster.server.residency;

import io.muster.server.access.Caller;
import io.muster.server.deadline.Deadlines;
import io.muster.server.problem.FieldError;
import io.muster.server.problem.Refused;
import io.muster.server.residency.ProbeRepository.Stored;
import io.muster.server.tenancy.Catalogue;
import io.muster.server.tenancy.FormField;
import io.muster.server.tenancy.Noun;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Probes as they are declared. A new or changed one looks at once. */
@Component
class ProbeNoun implements Noun<Probe> {

    private final ProbeRepository probes;
    private final Catalogue catalogue;
    private final Deadlines deadlines;

    ProbeNoun(ProbeRepository probes, Catalogue catalogue, Deadlines deadlines) {
        this.probes = probes;
        this.catalogue = catalogue;
        this.deadlines = deadlines;
    }

    @Override
    public String kind() {
        return "probe";
    }

    @Override
    public String plural() {
        return "probes";
    }

    @Override
    public Class<Probe> type() {
        return Probe.class;
    }

    @Override
    public List<FormField> form() {
        return List.of(
                FormField.reference("store", "Store", "store").must().hint("with an address, so that Muster can look"),
                FormField.of(FormField.Input.LONG, "sql", "Query")
                        .example("select tenant_id, count(*), min(created_at) from users group by 1")
                        .hint("of a database: tenant, number of rows, oldest row; only read, counts only"),
                FormField.code("prefix", "Prefix")
                        .example("intake/{tenant}/")
                        .hint("of a bucket; {tenant} stands for a tenant's id")
                        .beside(),
                FormField.code("older_than", "Older than")
                        .example("PT5M")
                        .hint("of a bucket: only such objects count; empty: all"),
                FormField.code("every", "Every").must().example("PT1M").beside(),
                FormField.code("timeout", "Time limit").example("PT10S"));
    }

    @Override
    public int order() {
        return 80;
    }

    @Override
    public List<Reference> references(Probe probe) {
        return List.of(new Reference("store", "store", probe.store()));
    }

    /** By the rules of the database that the store is. */
    @Override
    public Map<String, List<FieldError>> refuse(Map<String, Probe> proposed) {
        var stores = catalogue.stores(
                proposed.values().stream().map(Probe::store).distinct().toList());
        var errors = new HashMap<String, List<FieldError>>();
        proposed.forEach((id, probe) -> {
            var store = stores.get(probe.store());
            var sql = probe.sql();
            if (store == null || sql == null) return;
            try {
                Dialect.of(store.kind()).ifPresent(dialect -> dialect.check(sql));
            } catch (Refused refused) {
                errors.put(id, refused.errors());
            }
        });
        return errors;
    }

    @Override
    public Map<String, Declared<Probe>> find(Collection<String> ids, Caller caller) {
        if (caller.tenant() != null) return Map.of();
        var found = new LinkedHashMap<String, Declared<Probe>>();
        probes.find(ids).forEach((id, probe) -> found.put(id, declared(probe)));
        return found;
    }

    @Override
    public List<Declared<Probe>> page(@Nullable String afterId, int limit, Caller caller) {
        if (caller.tenant() != null) return List.of();
        return probes.page(afterId, limit).stream().map(ProbeNoun::declared).toList();
    }

    private static Declared<Probe> declared(Stored probe) {
        return new Declared<>(probe.id(), probe.probe(), probe.version(), probe.createdAt(), probe.updatedAt());
    }

    @Override
    public void insert(List<Declared<Probe>> news) {
        var looks = new HashMap<String, Instant>();
        for (var probe : news) {
            probes.insert(probe.id(), probe.value(), probe.updatedAt());
            looks.put(probe.id(), probe.updatedAt());
        }
        deadlines.arm(ProbeDeadline.NAME, looks);
    }

    @Override
    public void update(List<Edit<Probe>> edits) {
        var looks = new HashMap<String, Instant>();
        for (var edit : edits) {
            var before = edit.before().value();
            var after = edit.after().value();
            var elsewhere = !before.store().equals(after.store())
                    || !Objects.equals(before.sql(), after.sql())
                    || !Objects.equals(before.prefix(), after.prefix())
                    || !Objects.equals(before.olderThan(), after.olderThan());
            probes.update(edit.after().id(), after, elsewhere, edit.after().updatedAt());
            looks.put(edit.after().id(), edit.after().updatedAt());
        }
        deadlines.arm(ProbeDeadline.NAME, looks);
    }

    @Override
    public void delete(List<Declared<Probe>> gone, Instant now) {
        probes.delete(gone.stream().map(Declared::id).toList());
    }

    @Override
    public List<Use> uses(String kind, Collection<String> ids, int limit) {
        if (!kind.equals("store")) return List.of();
        var uses = new ArrayList<Use>();
        for (var id : ids) {
            for (var probe : probes.of(id)) {
                if (uses.size() < limit) uses.add(new Use(kind(), probe.id(), id));
            }
        }
        return uses;
    }

    @Override
    public Map<String, Map<String, @Nullable Object>> extras(List<Declared<Probe>> things, Caller caller) {
        var extras = new HashMap<String, Map<String, @Nullable Object>>();
        probes.find(things.stream().map(Declared::id).toList()).forEach((id, probe) -> {
            var more = new LinkedHashMap<String, @Nullable Object>();
            more.put("looked_at", probe.looked().begunAt());
            more.put("tried_at", probe.looked().triedAt());
            more.put("took_seconds", probe.looked().tookSeconds());
            more.put("failure", probe.looked().failure());
            more.put("remark", probe.looked().remark());
            extras.put(id, more);
        });
        return extras;
    }
}
