package io.muster.server.console;

import static io.muster.server.layout.Figures.count;

import io.muster.server.access.Caller;
import io.muster.server.heartbeat.CheckBoard;
import io.muster.server.heartbeat.CheckBoard.Shown;
import io.muster.server.heartbeat.Checks;
import io.muster.server.layout.Axis;
import io.muster.server.residency.ExposureBoard;
import io.muster.server.residency.ExposureBoard.Exposed;
import io.muster.server.residency.ProofBoard;
import io.muster.server.residency.ReplicationBoard;
import io.muster.server.residency.ReplicationBoard.Moves;
import io.muster.server.tenancy.Catalogue;
import io.muster.server.tenancy.CatalogueBoard;
import io.muster.server.tenancy.CatalogueBoard.Homes;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** Reads what the first page says, and has each part of it put together. */
@Component
class Overview {

    private static final int WORST = 200;
    private static final int SHOWN = 8;
    private static final int FLOWS = 1_000;
    private static final int HAPPENED = 300;
    private static final int LATEST = 8;
    private static final int TROUBLED = 20;
    private static final Duration DAY = Duration.ofHours(24);

    private final CheckBoard checkBoard;
    private final Checks checks;
    private final ExposureBoard exposures;
    private final ReplicationBoard replications;
    private final ProofBoard proofs;
    private final Catalogue catalogue;
    private final CatalogueBoard declared;
    private final Regions regions;

    Overview(
            CheckBoard checkBoard,
            Checks checks,
            ExposureBoard exposures,
            ReplicationBoard replications,
            ProofBoard proofs,
            Catalogue catalogue,
            CatalogueBoard declared,
            Regions regions) {
        this.checkBoard = checkBoard;
        this.checks = checks;
        this.exposures = exposures;
        this.replications = replications;
        this.proofs = proofs;
        this.catalogue = catalogue;
        this.declared = declared;
        this.regions = regions;
    }

    OverviewView view(Caller caller, Map<Shown, Long> counts, Instant now) {
        var homes = declared.homes();
        var all = homes.stream().mapToLong(Homes::tenants).sum();
        var open = exposures.open();
        var unknown = proofs.unknown(now).tenants();
        var worst = exposures.worst(WORST);
        var down = counts.getOrDefault(Shown.DOWN, 0L);
        var late = counts.getOrDefault(Shown.LATE, 0L);
        var since = Instant.ofEpochSecond(now.getEpochSecond() / 600 * 600).minus(DAY);
        var happened = checkBoard.flipsSince(caller.project(), since, HAPPENED);
        var lately = exposures.since(since, HAPPENED);
        var tenants =
                catalogue.tenants(Stream.concat(worst.stream(), lately.stream().limit(LATEST))
                        .map(Exposed::tenant)
                        .distinct()
                        .toList());
        var moves = replications.moves(FLOWS);
        var jobs = checks.byIds(Stream.concat(
                        moves.stream().map(Moves::check),
                        worst.stream().map(Exposed::check).filter(Objects::nonNull))
                .distinct()
                .toList());
        var troubled = checkBoard.worst(caller.project(), TROUBLED, now);
        var seen = regions.seen(homes, now);
        var places = seen.stream().map(Regions.Seen::place).toList();
        var attention = Attention.of(worst, tenants, jobs, troubled, places, now);
        var axis = new Axis(since, Instant.ofEpochSecond((now.getEpochSecond() / 600 + 1) * 600));
        return new OverviewView(
                KeyFigures.state(down, late, open, unknown, places),
                KeyFigures.answer(down, late, all, open, unknown),
                KeyFigures.kpis(all, open, unknown, counts, down, late, lately),
                places,
                regions.map(seen, moves, jobs, now),
                Regions.tally(places),
                attention.stream().limit(SHOWN).toList(),
                attention.isEmpty() ? "nothing" : count(attention.size()) + ", worst first",
                axis,
                List.of(LastDay.exposures(lately, axis), LastDay.jobs(happened, counts)),
                LastDay.events(happened, lately, tenants));
    }
}
