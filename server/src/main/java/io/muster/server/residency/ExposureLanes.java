package io.muster.server.residency;

import static io.muster.server.layout.Figures.count;

import io.muster.server.heartbeat.Check;
import io.muster.server.heartbeat.CheckBoard;
import io.muster.server.incident.Delivery;
import io.muster.server.incident.Told;
import io.muster.server.layout.Axis;
import io.muster.server.layout.Figures;
import io.muster.server.layout.Lane;
import io.muster.server.layout.State;
import io.muster.server.layout.Word;
import io.muster.server.residency.ExposureBoard.Exposed;
import io.muster.server.residency.ExposureBoard.Said;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The timeline of one exposure: its data, the job's reports, what was found, told and decided. */
@Component
class ExposureLanes {

    private final ExposureBoard board;
    private final CheckBoard heard;
    private final Told told;

    ExposureLanes(ExposureBoard board, CheckBoard heard, Told told) {
        this.board = board;
        this.heard = heard;
        this.told = told;
    }

    /** When its oldest data came, as far as is known. */
    static Instant arrival(Exposed exposed) {
        var oldest = exposed.oldestAt();
        var violation = exposed.violationAt();
        var first = violation == null ? exposed.openedAt() : violation.minus(exposed.maxDwell());
        if (oldest != null && oldest.isBefore(first)) first = oldest;
        return first.isAfter(exposed.openedAt()) ? exposed.openedAt() : first;
    }

    /** A little more than the exposure; its ends move in steps, so that nothing changes while nothing happens. */
    static Axis axis(Instant arrival, Instant end, boolean over) {
        var span = Math.max(60, Duration.between(arrival, end).toSeconds());
        var step = Math.max(10, span / 40);
        var from = Math.floorDiv(arrival.getEpochSecond() - span / 20, step) * step;
        var to = (Math.floorDiv(end.getEpochSecond(), step) + (over ? 2 : 3)) * step;
        return new Axis(Instant.ofEpochSecond(from), Instant.ofEpochSecond(to));
    }

    List<Lane> of(
            Exposed exposed,
            String tenantName,
            @Nullable Check check,
            List<Said> history,
            Axis axis,
            Instant arrival,
            Instant end,
            Instant now) {
        var lanes = new ArrayList<Lane>();
        var bars = new ArrayList<Lane.Bar>();
        var violation = exposed.violationAt();
        var risk = history.stream()
                .filter(said -> said.state().equals("AT_RISK"))
                .map(Said::at)
                .min(Comparator.naturalOrder())
                .orElse(null);
        var stop = exposed.isClosed() ? end : axis.to().isBefore(end) ? axis.to() : end;
        // the open end moves with the axis, in steps
        var open = exposed.isClosed() ? stop : floor(stop, axis);
        var lawful = risk != null ? risk : violation != null ? violation : open;
        if (arrival.isBefore(lawful)) {
            bars.add(new Lane.Bar(arrival, lawful, "g-transit", "in transit", Figures.utc(arrival) + " · arrived"));
        }
        if (risk != null && (violation == null || risk.isBefore(violation))) {
            var until = violation == null ? open : violation;
            bars.add(new Lane.Bar(risk, until, "g-risk", "at risk", Figures.utc(risk) + " · at risk"));
        }
        if (violation != null) {
            bars.add(new Lane.Bar(violation, open, "f-bad", "violation", Figures.utc(violation) + " · violation"));
        }
        var lasted = new ArrayList<String>();
        lasted.add(Figures.promise(exposed.maxDwell()) + " allowed");
        lanes.add(new Lane(
                "Data of " + tenantName,
                "in " + exposed.store(),
                null,
                bars.stream()
                        .map(Lane.Bar::title)
                        .reduce((a, b) -> a + ", " + b)
                        .orElse("nothing"),
                bars,
                List.of(),
                Saying.state(exposed.state()),
                String.join(", ", lasted)));
        if (check != null) lanes.add(jobLane(check, axis));
        var marks = new ArrayList<Lane.Mark>();
        for (var said : history.reversed()) {
            if (axis.shows(said.at())) {
                marks.add(new Lane.Mark(
                        said.at(),
                        Saying.state(said.state()).state(),
                        null,
                        Figures.utc(said.at()) + " · " + said.why()));
            }
        }
        for (var made : board.decisions(exposed.id())) {
            if (axis.shows(made.at())) {
                marks.add(new Lane.Mark(
                        made.at(), State.MUTE, "decided", Figures.utc(made.at()) + " · decided by " + made.by()));
            }
        }
        for (var sent : told.about(exposed.store(), exposed.tenant(), exposed.openedAt())) {
            var at = sent.settledAt().orElse(sent.createdAt());
            if (axis.shows(at)) {
                marks.add(new Lane.Mark(
                        at,
                        sent.state() == Delivery.State.SENT ? State.MUTE : State.WARN,
                        null,
                        Figures.utc(at) + " · " + sent.channel() + ": "
                                + sent.state().word()));
            }
        }
        lanes.add(new Lane(
                "What was found",
                "told and decided",
                null,
                count(history.size(), "entry") + " in the history",
                List.of(),
                marks,
                null,
                count(history.size(), "entry")));
        return lanes;
    }

    private static Instant floor(Instant at, Axis axis) {
        var step = Math.max(1, Duration.between(axis.from(), axis.to()).toSeconds() / 100);
        return Instant.ofEpochSecond(Math.floorDiv(at.getEpochSecond(), step) * step);
    }

    private Lane jobLane(Check check, Axis axis) {
        var reports = heard.reports(check.id(), 200).stream()
                .filter(report -> axis.shows(report.at()))
                .toList();
        var marks = reports.stream()
                .map(report -> new Lane.Mark(
                        report.at(),
                        report.good() ? State.OK : State.BAD,
                        null,
                        Figures.utc(report.at()) + " · ping " + report.n() + (report.good() ? " passed" : " failed")))
                .toList();
        var failed = reports.stream().filter(report -> !report.good()).count();
        return new Lane(
                check.title(),
                "its reports",
                "/checks/" + check.jobId(),
                count(reports.size(), "report") + ", " + count(failed) + " failed",
                List.of(),
                marks,
                failed > 0
                        ? Word.bad("Failed " + count(failed, "time"))
                        : reports.isEmpty() ? Word.mute("Silent") : Word.ok("Passed"),
                count(reports.size(), "report"));
    }
}
