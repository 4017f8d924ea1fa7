package io.muster.server.residency;

import io.muster.server.layout.Figures;
import io.muster.server.layout.Word;
import io.muster.server.residency.ExposureBoard.Exposed;
import io.muster.server.tenancy.Standing;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Tells the catalogue's page whether what is declared holds. */
@Component
class CatalogueStanding implements Standing {

    private final ExposureBoard board;
    private final InstantSource clock;

    CatalogueStanding(ExposureBoard board, InstantSource clock) {
        this.board = board;
        this.clock = clock;
    }

    @Override
    public Map<String, Word> tenants(Collection<String> ids) {
        var words = new HashMap<String, Word>();
        board.openOfTenants(ids).forEach((tenant, state) -> words.put(tenant, Saying.state(state)));
        return words;
    }

    @Override
    public List<String> worst(int limit) {
        return board.worst(limit).stream().map(Exposed::tenant).distinct().toList();
    }

    @Override
    public Counts counts() {
        var open = board.open();
        return new Counts(open.tenantsInViolation(), open.tenantsAtRisk());
    }

    @Override
    public Map<String, Look> stores(Collection<String> ids) {
        var looks = new HashMap<String, Look>();
        var open = board.openOfStores(ids);
        for (var probe : board.probes(ids)) {
            var violations = open.getOrDefault(probe.store(), 0L);
            var word = probe.failure() != null
                    ? Word.bad("No answer")
                    : probe.isStale(clock.instant())
                            ? Word.unknown("Unknown")
                            : violations > 0
                                    ? Word.bad(Figures.count(violations) + " in violation")
                                    : Word.ok("In place");
            looks.putIfAbsent(
                    probe.store(),
                    new Look(word, probe.id() + ", every " + Figures.promise(probe.every()), probe.begunAt()));
        }
        return looks;
    }
}
