package io.muster.server.console;

import static io.muster.server.layout.Figures.count;

import io.muster.server.console.OverviewView.Kpi;
import io.muster.server.console.OverviewView.Place;
import io.muster.server.heartbeat.CheckBoard.Shown;
import io.muster.server.layout.Figures;
import io.muster.server.layout.State;
import io.muster.server.layout.Word;
import io.muster.server.residency.ExposureBoard;
import io.muster.server.residency.ExposureBoard.Exposed;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The answer of the first page, and the figures below it. */
final class KeyFigures {

    /** The worst of all. */
    static State state(long down, long late, ExposureBoard.Open open, long unknown, List<Place> places) {
        if (down > 0 || open.violations() > 0) return State.BAD;
        if (late > 0 || open.atRisk() > 0) return State.WARN;
        if (places.stream().anyMatch(place -> place.word().state() != State.OK)) return State.WARN;
        return unknown > 0 ? State.MUTE : State.OK;
    }

    static String answer(long down, long late, long tenants, ExposureBoard.Open open, long unknown) {
        var faults = new ArrayList<String>();
        if (down > 0) faults.add(count(down, "job") + (down == 1 ? " is down" : " are down"));
        if (late > 0) faults.add(count(late, "job") + (late == 1 ? " is late" : " are late"));
        if (open.violations() > 0) {
            faults.add(count(open.tenantsInViolation()) + " of " + count(tenants, "tenant")
                    + (open.tenantsInViolation() == 1 ? " has" : " have") + " data where it may not be");
        } else if (open.atRisk() > 0) {
            faults.add(
                    count(open.tenantsAtRisk(), "tenant") + (open.tenantsAtRisk() == 1 ? " is" : " are") + " at risk");
        }
        if (unknown > 0) {
            faults.add("of " + count(unknown, "tenant") + " nothing is proven now");
        }
        if (faults.isEmpty()) {
            return tenants == 0
                    ? "Every job reported on time. No tenant is declared yet, so nothing is said about where data is."
                    : "Yes. Every job reported on time, and the data of all " + count(tenants, "tenant")
                            + " is where it may be.";
        }
        var last = faults.removeLast();
        return "Not yet. " + (faults.isEmpty() ? last : String.join(", ", faults) + ", and " + last) + ".";
    }

    static List<Kpi> kpis(
            long all,
            ExposureBoard.Open open,
            long unknown,
            Map<Shown, Long> counts,
            long down,
            long late,
            List<Exposed> lately) {
        var out = open.tenantsInViolation();
        var inPlace = Math.max(0, all - out - unknown);
        var closed = lately.stream().filter(Exposed::isClosed).count();
        var active = counts.values().stream().mapToLong(Long::longValue).sum()
                - counts.getOrDefault(Shown.NEW, 0L)
                - counts.getOrDefault(Shown.PAUSED, 0L);
        return List.of(
                new Kpi(
                        "Tenants in place",
                        "/residency",
                        count(inPlace),
                        " / " + count(all),
                        all == 0
                                ? Word.mute("none declared")
                                : out > 0
                                        ? Word.bad(count(out) + " out of place")
                                        : unknown > 0
                                                ? Word.unknown(count(unknown) + " unknown")
                                                : Word.ok("all in place"),
                        null,
                        all == 0
                                ? ""
                                : Figures.percent(inPlace, all) + " now"
                                        + (out > 0 && unknown > 0 ? " · " + count(unknown) + " unknown" : "")),
                new Kpi(
                        "Open violations",
                        "/exposures",
                        count(open.violations()),
                        "",
                        open.violations() > 0 ? Word.bad("the longest") : Word.ok("none"),
                        open.violations() > 0 ? open.oldest() : null,
                        open.violations() > 0
                                ? (open.rows() > 0 ? count(open.rows(), "row") + " in " : "in ")
                                        + count(open.regions(), "region")
                                : count(closed) + " closed in 24 h"),
                new Kpi(
                        "At risk",
                        "/exposures?state=at_risk",
                        count(open.tenantsAtRisk()),
                        open.tenantsAtRisk() == 1 ? " tenant" : " tenants",
                        open.atRisk() > 0 ? Word.warn("becomes a violation") : Word.ok("none"),
                        null,
                        open.atRisk() > 0 ? "if the job does not report in time" : "no promise is in danger"),
                new Kpi(
                        "Checks late or down",
                        "/checks",
                        count(down + late),
                        " / " + count(active),
                        down > 0
                                ? Word.bad(count(down) + " down" + (late > 0 ? ", " + count(late) + " late" : ""))
                                : late > 0
                                        ? Word.warn(count(late) + " late").with("clock-exclamation")
                                        : active > 0 ? Word.ok("all on time") : Word.mute("none awaited"),
                        null,
                        count(counts.getOrDefault(Shown.RUNNING, 0L)) + " running · "
                                + count(counts.getOrDefault(Shown.NEW, 0L)) + " new · "
                                + count(counts.getOrDefault(Shown.PAUSED, 0L)) + " paused"));
    }

    private KeyFigures() {}
}
