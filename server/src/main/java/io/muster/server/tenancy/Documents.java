package io.muster.server.tenancy;

import io.muster.server.access.Caller;
import io.muster.server.problem.FieldError;
import io.muster.server.problem.Problem;
import io.muster.server.problem.Refused;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/** Takes in documents that declare: by HTTP, and from pages. */
@Component
class Documents {

    private static final Duration WAIT = Duration.ofSeconds(60);

    /** Each holds a document of up to 64 MiB as records. */
    private final Semaphore atOnce = new Semaphore(2, true);

    private final Nouns nouns;
    private final DeclarationJson json;
    private final Apply apply;

    Documents(Nouns nouns, DeclarationJson json, Apply apply) {
        this.nouns = nouns;
        this.json = json;
        this.apply = apply;
    }

    Apply.Answer apply(Supplier<DocumentTokens> tokens, boolean dryRun, boolean prune, Caller by) {
        return alone(() -> apply.apply(read(tokens, prune), dryRun, prune, by));
    }

    /** By a form. @param first under the lock: refuses by throwing */
    Apply.Answer apply(Supplier<DocumentTokens> tokens, Runnable first, Caller by) {
        return alone(() -> apply.apply(read(tokens, false), first, by));
    }

    /** A dry run, and what would follow from each change. */
    Apply.Rehearsal rehearse(Supplier<DocumentTokens> tokens, boolean prune, Caller by) {
        return alone(() -> apply.rehearse(read(tokens, prune), prune, by));
    }

    private ApplyDocument read(Supplier<DocumentTokens> tokens, boolean prune) {
        var document = ApplyDocument.read(nouns, json, tokens.get());
        if (prune && document.set() == null) {
            throw new Refused(List.of(
                    new FieldError("set", "is missing: prune deletes what an earlier apply of a set declared", 1)));
        }
        return document;
    }

    private <R> R alone(Supplier<R> work) {
        try {
            if (!atOnce.tryAcquire(WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                throw Problem.busy(Duration.ofSeconds(10), "Others apply documents. Nothing was changed; try again.");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw Problem.busy(Duration.ofSeconds(10), "The server stops. Nothing was changed; try again.");
        }
        try {
            return work.get();
        } finally {
            atOnce.release();
        }
    }
}
