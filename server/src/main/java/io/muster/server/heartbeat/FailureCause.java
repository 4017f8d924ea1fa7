package io.muster.server.heartbeat;

import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Why a run failed, as far as its exit code and the end of its output tell. What is not found there is not guessed.
 *
 * @param evidence the words or the code that were found; only ever words that {@link FailureSigns} lists, so nothing else of
 *     the output, such as a password, gets out this way; null of {@link Category#UNKNOWN}
 * @param hint one sentence for whoever looks after the job
 */
public record FailureCause(Category category, @Nullable String evidence, String hint) {

    /** What kind of thing went wrong. */
    public enum Category {
        /** The other side could not be reached, or went away. */
        NETWORK,
        /** The other side does not believe who the job is. */
        AUTHENTICATION,
        /** Who the job is may not do that. */
        PERMISSION,
        /** TLS: one side does not trust the other's certificate. */
        CERTIFICATE,
        /** Disk, memory, connections, or what a service grants in a time. */
        RESOURCES,
        /** The data is not as it must be. */
        DATA,
        /** Others worked on the same at the same time. */
        CONTENTION,
        /** It took longer than it may. */
        TIMEOUT,
        /** Somebody ended it by a signal. */
        KILLED,
        /** A program, file, table or bucket that is not there. */
        NOT_FOUND,
        /** The job's own code failed. */
        PROGRAM,
        /** It reported success, but did not do what its declaration expects: see {@link Bounds}. */
        UNEXPECTED,
        UNKNOWN;

        /** As in JSON. */
        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** As in a sentence. */
        public String words() {
            return word().replace('_', ' ');
        }
    }

    static final FailureCause UNKNOWN =
            new FailureCause(Category.UNKNOWN, null, "Its output names no cause that Muster knows: read it.");

    /** How much of the end of an output is read, in bytes. */
    static final int TAIL = 8_192;

    /**
     * A signal that ended the job says more than what it wrote before, unless that tells of a lack. Else the last line with
     * a sign counts, and of that line the first sign in the order of {@link FailureSigns}.
     */
    static FailureCause of(@Nullable Integer exit, byte[] output) {
        var text = tail(output);
        var signal = exit == null ? Optional.<FailureCause>empty() : FailureSigns.bySignal(exit);
        var told = FailureSigns.in(text);
        if (signal.isPresent()) {
            return told.filter(cause -> cause.category() == Category.RESOURCES).orElse(signal.get());
        }
        return told.or(() -> exit == null ? Optional.empty() : FailureSigns.byExit(exit))
                .orElse(UNKNOWN);
    }

    /** Of a run that did not fail by its own report: see {@link Trouble}. */
    static FailureCause taken(Trouble trouble) {
        return new FailureCause(Category.UNEXPECTED, null, "It reported success, but " + trouble.predicate() + ".");
    }

    private static String tail(byte[] output) {
        int from = Math.max(0, output.length - TAIL);
        return new String(output, from, output.length - from, StandardCharsets.UTF_8);
    }

    /** Like {@code authentication (“password authentication failed”)}; empty if unknown. */
    public String inWords() {
        return evidence == null ? "" : category.words() + " (“" + evidence + "”)";
    }
}
