package io.muster.server.residency;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An interval in which a tenant's data stayed where it may not, or was about to.
 *
 * @param id 0 while it is not stored
 * @param check of the job that should have taken the data away; null if only a probe knows of it
 * @param region where the data is; of {@code store}, but for {@link Reason#WRONG_REGION}
 * @param rows how many, as last measured
 * @param oldestAt when the oldest came, as last measured
 * @param openedAt the due instant, which may be before we knew
 * @param violationAt when the policy was broken, which may be before we knew
 * @param awareAt when Muster recorded the violation
 * @param decideBy until when a person decides whether authorities are told
 * @param maxDwell what was allowed when it was opened
 */
record Exposure(
        long id,
        String tenant,
        String policy,
        @Nullable Long check,
        String store,
        String region,
        State state,
        Reason reason,
        Evidence evidence,
        @Nullable Long rows,
        @Nullable Instant oldestAt,
        Instant openedAt,
        @Nullable Instant violationAt,
        @Nullable Instant awareAt,
        @Nullable Instant decideBy,
        @Nullable Instant closedAt,
        @Nullable ClosedBy closedBy,
        Duration maxDwell) {

    enum State {
        AT_RISK,
        VIOLATION,
        CLOSED
    }

    /** What closed it: the id is the probe's, {@code <job>/<ping>}, the attesting document's or the policy's. */
    record ClosedBy(Kind kind, String id) {
        enum Kind {
            PROBE,
            MANIFEST,
            PING,
            ATTESTATION,
            CATALOGUE
        }
    }

    /** What becomes of an exposure, with the sentence that says why. */
    sealed interface Step {

        /** Nothing changed. */
        record Stay() implements Step {}

        record Open(Exposure exposure, String why) implements Step {}

        /** Worse, or better known. */
        record Change(Exposure before, Exposure after, String why) implements Step {}

        /** Only the figures of the last probe are new: no history, no alert. */
        record Recount(Exposure after) implements Step {}

        /** Over; {@code again} is what is at risk from then on although the old data is gone. */
        record Close(Exposure before, ClosedBy by, String why, Optional<Open> again) implements Step {}
    }

    /**
     * The one method through which exposures open, change and close. A proof closes when it reaches past the oldest row
     * that was measured, or past the opening where none was; a risk also wants that nothing threatens any more.
     *
     * @param open the exposure of this tenant and store that is open, if any
     */
    static Step next(Optional<Exposure> open, Situation situation, Instant now) {
        var judged = situation.judge(now);
        if (open.isEmpty()) {
            return judged.flatMap(verdict -> opened(situation, verdict, now))
                    .<Step>map(step -> step)
                    .orElseGet(Step.Stay::new);
        }
        var exposure = open.get();
        if (situation.place() instanceof io.muster.server.tenancy.Place.Lawful) {
            return new Step.Close(
                    exposure,
                    new ClosedBy(ClosedBy.Kind.CATALOGUE, situation.policy()),
                    "policy " + situation.policy() + " allows " + situation.region() + " now",
                    Optional.empty());
        }
        if (exposure.reason == Reason.WRONG_REGION) {
            return new Step.Stay();
        }
        return judged.map(verdict -> exposure.after(situation, verdict, now))
                .or(() -> exposure.overBecause(situation, Optional.empty(), now))
                .orElseGet(Step.Stay::new);
    }

    private static Optional<Step.Open> opened(Situation situation, Situation.Judged verdict, Instant now) {
        return switch (verdict.finding()) {
            case Finding.Fine _ -> Optional.empty();
            case Finding.AtRisk risk ->
                Optional.of(new Step.Open(
                        begun(situation, verdict, State.AT_RISK, risk.reason(), risk.since(), null, now),
                        Why.of(situation, verdict, risk.reason(), now)));
            case Finding.Violation broken ->
                Optional.of(new Step.Open(
                        begun(situation, verdict, State.VIOLATION, broken.reason(), broken.at(), broken.at(), now),
                        Why.of(situation, verdict, broken.reason(), now)));
        };
    }

    private static Exposure begun(
            Situation situation,
            Situation.Judged verdict,
            State state,
            Reason reason,
            Instant openedAt,
            @Nullable Instant violationAt,
            Instant now) {
        var aware = violationAt == null ? null : now;
        return new Exposure(
                0,
                situation.tenant(),
                situation.policy(),
                verdict.mover().map(Situation.Mover::check).orElse(null),
                situation.store(),
                situation.region(),
                state,
                reason,
                evidence(situation, verdict),
                rows(situation.seen()),
                oldest(situation.seen()),
                openedAt,
                violationAt,
                aware,
                decideBy(situation, aware),
                null,
                null,
                verdict.maxDwell());
    }

    private Step after(Situation situation, Situation.Judged verdict, Instant now) {
        var over = overBecause(situation, Optional.of(verdict), now);
        if (over.isPresent()) {
            return over.get();
        }
        return switch (verdict.finding()) {
            case Finding.Fine _ -> recounted(situation);
            case Finding.AtRisk risk ->
                state == State.AT_RISK ? changed(situation, verdict, risk.reason(), null, now) : recounted(situation);
            case Finding.Violation broken -> changed(situation, verdict, broken.reason(), broken.at(), now);
        };
    }

    /** A proof that reaches far enough, or a change of what is allowed. */
    private Optional<Step> overBecause(Situation situation, Optional<Situation.Judged> verdict, Instant now) {
        var finding = verdict.map(Situation.Judged::finding).orElse(new Finding.Fine(Optional.empty()));
        var threatened =
                finding instanceof Finding.Violation || (finding instanceof Finding.AtRisk && state == State.AT_RISK);
        if (threatened) {
            return Optional.empty();
        }
        var again = verdict.flatMap(judged -> opened(situation, judged, now));
        var proven = situation.proven();
        if (proven.isPresent() && proven.get().at().isAfter(oldestAt == null ? openedAt : oldestAt)) {
            return Optional.of(new Step.Close(
                    this, provenBy(situation, proven.get()), Why.proven(situation, proven.get()), again));
        }
        if (verdict.isPresent() && !verdict.get().maxDwell().equals(maxDwell)) {
            return Optional.of(new Step.Close(
                    this,
                    new ClosedBy(ClosedBy.Kind.CATALOGUE, situation.policy()),
                    "policy " + situation.policy() + " allows "
                            + Why.length(verdict.get().maxDwell()) + " in " + situation.store() + " now",
                    again));
        }
        return Optional.empty();
    }

    private static ClosedBy provenBy(Situation situation, Watermark proven) {
        var job = situation.slowest().map(Situation.Mover::job).orElse("") + "/" + proven.ping();
        return switch (proven.evidence()) {
            case MEASURED -> new ClosedBy(ClosedBy.Kind.PROBE, probe(situation.seen()));
            case REPORTED -> new ClosedBy(ClosedBy.Kind.MANIFEST, job);
            case INFERRED -> new ClosedBy(ClosedBy.Kind.PING, job);
        };
    }

    private Step changed(
            Situation situation, Situation.Judged verdict, Reason newest, @Nullable Instant brokenAt, Instant now) {
        var becomesViolation = brokenAt != null && state == State.AT_RISK;
        var evidence = evidence(situation, verdict);
        var aware = becomesViolation ? now : awareAt;
        var after = new Exposure(
                id,
                tenant,
                situation.policy(),
                verdict.mover().map(Situation.Mover::check).orElse(check),
                store,
                region,
                brokenAt == null ? state : State.VIOLATION,
                newest,
                evidence,
                rows(situation.seen()),
                oldest(situation.seen()),
                openedAt,
                becomesViolation ? brokenAt : violationAt,
                aware,
                becomesViolation ? decideBy(situation, aware) : decideBy,
                null,
                null,
                maxDwell);
        if (after.equals(this)) {
            return new Step.Stay();
        }
        var news = becomesViolation || newest != reason || evidence != this.evidence;
        return news ? new Step.Change(this, after, Why.of(situation, verdict, newest, now)) : new Step.Recount(after);
    }

    private Step recounted(Situation situation) {
        if (!(situation.seen() instanceof Seen.Rows counted)) {
            return new Step.Stay();
        }
        var after = counted(counted.rows(), counted.oldest());
        return after.equals(this) ? new Step.Stay() : new Step.Recount(after);
    }

    private Exposure counted(@Nullable Long counted, Instant oldest) {
        return new Exposure(
                id,
                tenant,
                policy,
                check,
                store,
                region,
                state,
                reason,
                evidence,
                counted,
                oldest,
                openedAt,
                violationAt,
                awareAt,
                decideBy,
                closedAt,
                closedBy,
                maxDwell);
    }

    Exposure withId(long stored) {
        return new Exposure(
                stored,
                tenant,
                policy,
                check,
                store,
                region,
                state,
                reason,
                evidence,
                rows,
                oldestAt,
                openedAt,
                violationAt,
                awareAt,
                decideBy,
                closedAt,
                closedBy,
                maxDwell);
    }

    Exposure closed(ClosedBy by, Instant now) {
        return new Exposure(
                id,
                tenant,
                policy,
                check,
                store,
                region,
                State.CLOSED,
                reason,
                evidence,
                rows,
                oldestAt,
                openedAt,
                violationAt,
                awareAt,
                decideBy,
                now,
                by,
                maxDwell);
    }

    private static Evidence evidence(Situation situation, Situation.Judged verdict) {
        if (situation.seen() instanceof Seen.Rows) return Evidence.MEASURED;
        return verdict.watermark().evidence() == Evidence.REPORTED ? Evidence.REPORTED : Evidence.INFERRED;
    }

    private static @Nullable Instant decideBy(Situation situation, @Nullable Instant aware) {
        return aware == null || situation.notifyWithin() == null ? null : aware.plus(situation.notifyWithin());
    }

    private static @Nullable Long rows(Seen seen) {
        return seen instanceof Seen.Rows counted ? counted.rows() : null;
    }

    private static @Nullable Instant oldest(Seen seen) {
        return seen instanceof Seen.Rows counted ? counted.oldest() : null;
    }

    private static String probe(Seen seen) {
        return switch (seen) {
            case Seen.Nothing _ -> "";
            case Seen.Empty empty -> empty.probe();
            case Seen.Rows rows -> rows.probe();
        };
    }
}
