package io.muster.server.residency;

import io.muster.server.heartbeat.Check;
import io.muster.server.layout.Figures;
import io.muster.server.layout.Word;
import io.muster.server.residency.ExposureBoard.Exposed;
import io.muster.server.residency.ProbeBoard.Counted;
import io.muster.server.residency.ProbeBoard.Watch;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What to do about an exposure, and what closes it. */
final class ExposureAdvice {

    static List<ExposureView.Step> steps(
            Exposed exposed, @Nullable Check check, @Nullable Watch probe, Optional<Counted> seen, Instant now) {
        var steps = new ArrayList<ExposureView.Step>();
        if (check == null) {
            steps.add(new ExposureView.Step(
                    "Bring the data home, or remove it",
                    "No job takes the data of this tenant out of " + exposed.store()
                            + ". Declare one, or move the rows by hand.",
                    new ExposureView.Link("/catalogue/declare?kind=job", "Declare a job"),
                    null));
        } else {
            var why = switch (exposed.reason()) {
                case "FAILED" -> "Its last report was a failure; what it printed is on its page.";
                case "LATE" -> "It did not report when it was due; look where it runs.";
                case "NEVER_RAN" -> "It has not reported a success yet; start it where it runs.";
                case "WRONG_REGION" -> "Its manifest names a region that the policy does not allow.";
                default -> "It reports, yet the data stays; see what its runs move.";
            };
            steps.add(new ExposureView.Step(
                    "See why " + check.title() + " does not bring it home",
                    why,
                    new ExposureView.Link("/checks/" + check.jobId(), "Open the check"),
                    null));
            steps.add(new ExposureView.Step(
                    "Run the job now",
                    "Where it runs, and without waiting for its next turn. A good run asks for a probe at once.",
                    null,
                    null));
        }
        if (probe != null) {
            var begun = probe.begunAt();
            var next = begun == null ? null : begun.plus(probe.every());
            steps.add(new ExposureView.Step(
                    "See that it is gone",
                    "Probe " + probe.id() + " counts every " + Figures.promise(probe.every())
                            + (next == null || probe.failure() != null
                                    ? ""
                                    : ", next at " + Figures.clock(next, now) + " UTC")
                            + ". At no row this exposure closes by itself.",
                    null,
                    look(exposed, probe, seen, now)));
        } else {
            steps.add(new ExposureView.Step(
                    "See that it is gone",
                    "No probe counts in " + exposed.store()
                            + ": a good run or a manifest that reaches past the oldest row closes it.",
                    null,
                    null));
        }
        return steps;
    }

    private static ExposureView.Look look(Exposed exposed, Watch probe, Optional<Counted> seen, Instant now) {
        if (probe.failure() != null) {
            return new ExposureView.Look(exposed.store(), probe.triedAt(), Word.bad("Failed"), probe.failure());
        }
        if (probe.begunAt() == null) {
            return new ExposureView.Look(exposed.store(), null, Word.unknown("Unknown"), "it has not looked yet");
        }
        if (probe.isStale(now)) {
            return new ExposureView.Look(
                    exposed.store(), probe.begunAt(), Word.unknown("Unknown"), "too long ago to count");
        }
        if (seen.isEmpty()) {
            return new ExposureView.Look(exposed.store(), probe.begunAt(), Word.ok("Gone"), "no row of this tenant");
        }
        var rows = seen.get().rows();
        return new ExposureView.Look(
                exposed.store(),
                probe.begunAt(),
                Word.warn("Still there"),
                rows == null
                        ? "data of which any may be this tenant's"
                        : Figures.count(rows, "row") + " of this tenant");
    }

    static List<ExposureView.Way> ways(Exposed exposed, @Nullable Watch probe) {
        var ways = new ArrayList<ExposureView.Way>();
        var measured = exposed.evidence().equals("MEASURED");
        if (probe != null || measured) {
            ways.add(new ExposureView.Way(
                    "radar-2",
                    "A probe of " + exposed.store() + " sees no such row",
                    measured
                            ? "the way back, while evidence is measured. A good run asks for a probe at once"
                            : "it proves more than any claim"));
        }
        if (!measured) {
            ways.add(new ExposureView.Way(
                    "circle-check",
                    "A good run or a manifest that reaches far enough",
                    "past the oldest row, or past the opening where none was counted"));
            ways.add(new ExposureView.Way(
                    "signature", "A person attests it", "with a document and a reason, under their name"));
        }
        ways.add(new ExposureView.Way(
                "license",
                "A transfer record for this tenant",
                "where the policy allows the place on that condition. Closes as “catalogue”"));
        ways.add(new ExposureView.Way(
                "edit", "The policy changes or the tenant is deleted", "closes as “catalogue”. History stays"));
        if (measured) {
            ways.add(new ExposureView.Way(
                    "x", "Not by a ping alone, not by attestation", "what a probe opened, a probe closes"));
        }
        ways.add(new ExposureView.Way(
                "x", "Not by pause, mute, grace or maintenance", "they quieten alerts; the clock runs on"));
        return ways;
    }

    private ExposureAdvice() {}
}
