package io.muster.server.heartbeat;

import com.fasterxml.jackson.annotation.JsonValue;
import io.muster.server.layout.Figures;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Why Muster takes for a failure what the job did not report as one: see {@link Bounds}.
 *
 * @param why in plain ASCII: {@code copied 0 rows, at least 1 expected}
 */
public record Trouble(Problem problem, String why) {

    public enum Problem {
        NOT_STARTED,
        TOO_LONG,
        TOO_SHORT,
        /** The manifest tells of too many or too few rows or bytes, or of none where some are expected. */
        UNEXPECTED,
        /** No valid manifest, where rows or bytes are expected. */
        NO_MANIFEST;

        /** As in JSON and SQL. */
        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** As it is stored; null: there was none. */
    static @Nullable Trouble of(@Nullable String problem, @Nullable String why) {
        return problem == null
                ? null
                : new Trouble(Problem.valueOf(problem.toUpperCase(Locale.ROOT)), why == null ? "" : why);
    }

    static Trouble notStarted() {
        return new Trouble(Problem.NOT_STARTED, "did not start in time");
    }

    static Trouble tooLong(Duration most) {
        return new Trouble(Problem.TOO_LONG, "runs longer than " + Figures.promise(most));
    }

    static Trouble tooShort(Duration took, Duration least) {
        return new Trouble(
                Problem.TOO_SHORT,
                "ended after " + Figures.took(took) + ", at least " + Figures.promise(least) + " expected");
    }

    /** What is said of the job: {@code copied 0 rows, at least 1 expected}. */
    public String predicate() {
        return problem == Problem.NO_MANIFEST ? "sent no valid manifest: " + why : why;
    }

    /** One sentence for whoever reads it at night. */
    String whatToDo() {
        return switch (problem) {
            case NOT_STARTED -> "See whether its scheduler starts the job, and whether it can reach Muster.";
            case TOO_LONG -> "See whether the run hangs; nothing has ended it yet.";
            case TOO_SHORT -> "See the output of the job's last run: it did less than it should.";
            case UNEXPECTED -> "See what the job copied, and whether its source has what it should.";
            case NO_MANIFEST -> "Let the job send its manifest: without it nobody knows how much it copied.";
        };
    }

    /** What the header {@code Muster-Manifest} says of it; null: nothing. */
    @Nullable String manifestHeader() {
        return switch (problem) {
            case NOT_STARTED, TOO_LONG, TOO_SHORT -> null;
            case UNEXPECTED -> "unexpected; " + why;
            case NO_MANIFEST -> "invalid; " + why;
        };
    }
}
