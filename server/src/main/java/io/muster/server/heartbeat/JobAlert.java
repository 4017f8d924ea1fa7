package io.muster.server.heartbeat;

import io.muster.server.incident.Alert;
import io.muster.server.layout.Figures;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What people are told of a job that changed. Pure. */
final class JobAlert {

    /**
     * @param failure the one that turned it down; empty if silence did, or nothing is known of it any more
     * @param late {@link #late}, or empty
     */
    static Alert down(Check check, News news, Optional<Failure> failure, String late) {
        return alert(Alert.Type.JOB_DOWN, check, news, cause(check, news, failure) + late, whatToDo(news, failure));
    }

    /** That it is told late, for Muster itself was away. */
    static String late(News news, Outage away, Instant now) {
        return " (noticed " + Figures.duration(Duration.between(news.at(), now)) + " late: " + away.words(now) + ")";
    }

    static Alert up(Check check, News news) {
        return alert(Alert.Type.JOB_UP, check, news, check.title() + " reported success", "Nothing: it works again.");
    }

    /** That it is down is not to be heard any more: it is paused, gone or held back. Ends reminders, and is never told. */
    static Alert quiet(Check check, Instant now) {
        var news = new News(check.id(), now, false, "", null, 0, 1);
        return alert(Alert.Type.JOB_QUIET, check, news, check.title() + " is not to be heard of", "Nothing.");
    }

    private static Alert alert(Alert.Type type, Check check, News news, String cause, String whatToDo) {
        return new Alert(
                type,
                new Alert.Job(check.id(), check.jobId(), check.name(), check.tags(), check.channels()),
                check.settings().alertStore(),
                check.settings().alertRegion(),
                null,
                news.at(),
                cause,
                whatToDo,
                "/checks/" + check.jobId());
    }

    private static String cause(Check check, News news, Optional<Failure> failure) {
        var often = news.inARow() > 1 ? "; " + news.inARow() + " failures in a row" : "";
        if (news.trouble() != null) return check.title() + " " + news.trouble().predicate() + often;
        var begin = switch (news.reason()) {
            case "timeout" -> check.title() + " did not report in time";
            case "exit_code" ->
                check.title() + " ended with "
                        + failure.map(Failure::exitStatus)
                                .map(exit -> "exit code " + exit)
                                .orElse("an exit code other than 0");
            default -> check.title() + " reported a failure";
        };
        return begin
                + failure.map(known -> known.cause().inWords())
                        .filter(words -> !words.isEmpty())
                        .map(words -> ": " + words)
                        .orElse("")
                + often;
    }

    private static String whatToDo(News news, Optional<Failure> failure) {
        if (news.trouble() != null) return news.trouble().whatToDo();
        if (news.reason().equals("timeout")) return "See whether the job still runs, and whether it can reach Muster.";
        return failure.filter(known -> known.cause().evidence() != null)
                .map(known -> known.cause().hint())
                .orElse("See the output of the job's last run.");
    }

    private JobAlert() {}
}
