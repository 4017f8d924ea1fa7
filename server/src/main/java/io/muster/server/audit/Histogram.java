package io.muster.server.audit;

import static io.muster.server.layout.Figures.count;

import io.muster.server.audit.AuditEvent.Outcome;
import io.muster.server.audit.AuditView.Bar;
import io.muster.server.audit.AuditView.Bars;
import io.muster.server.audit.AuditView.Line;
import io.muster.server.audit.AuditView.Mark;
import io.muster.server.layout.Figures;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/** Events by hour or day: of all that was received by places alone, whatever their number; of those that fit, of the newest 10,000. */
final class Histogram {

    static final int MOST = 10_000;

    /** Units of the picture's width. */
    private static final double WIDTH = 1_000;

    private static final List<Duration> STEPS = List.of(
            Duration.ofMinutes(1),
            Duration.ofMinutes(10),
            Duration.ofHours(1),
            Duration.ofHours(6),
            Duration.ofDays(1),
            Duration.ofDays(7),
            Duration.ofDays(30),
            Duration.ofDays(365));
    private static final int MOST_BARS = 62;

    /** Failures and denials that are worth a word, and how many times as many as in any other bar. */
    private static final int FEWEST_OF_A_BURST = 5;

    private static final int FAR_MORE = 4;
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("dd MMM", Locale.ENGLISH).withZone(ZoneOffset.UTC);

    /** @param next failures and denials in the bar that has the most of the others */
    record Burst(String when, Instant from, Instant to, long denied, long failed, long next) {}

    private final Duration step;
    private final List<Instant> begins = new ArrayList<>();
    private final long[][] counts;

    Histogram(TimeRange range) {
        var span = Duration.between(range.from(), range.to());
        step = STEPS.stream()
                .filter(each -> each.multipliedBy(MOST_BARS).compareTo(span) >= 0)
                .findFirst()
                .orElse(STEPS.getLast());
        long seconds = step.toSeconds();
        var at = Instant.ofEpochSecond(Math.floorDiv(range.from().getEpochSecond(), seconds) * seconds);
        for (; at.isBefore(range.to()) && begins.size() < 120; at = at.plus(step)) begins.add(at);
        counts = new long[begins.size()][Outcome.values().length];
    }

    /** When each bar begins. */
    List<Instant> begins() {
        return begins;
    }

    /** @param n may be less than none: what was counted with others */
    void add(int bar, Outcome outcome, long n) {
        counts[bar][outcome.ordinal()] += n;
    }

    /** The bar in which far more failed or was denied than in any other; empty: there is none. */
    Optional<Burst> burst() {
        if (counts.length < 2) return Optional.empty(); // nothing to compare it with
        int worst = IntStream.range(0, counts.length)
                .boxed()
                .max(Comparator.comparingLong(this::notWell))
                .orElseThrow();
        long next = IntStream.range(0, counts.length)
                .filter(bar -> bar != worst)
                .mapToLong(this::notWell)
                .max()
                .orElseThrow();
        if (notWell(worst) < FEWEST_OF_A_BURST || notWell(worst) < FAR_MORE * next) return Optional.empty();
        var from = begins.get(worst);
        return Optional.of(new Burst(
                name(from),
                from,
                from.plus(step),
                counts[worst][Outcome.DENIED.ordinal()],
                counts[worst][Outcome.FAILURE.ordinal()],
                next));
    }

    private long notWell(int bar) {
        return counts[bar][Outcome.FAILURE.ordinal()] + counts[bar][Outcome.DENIED.ordinal()];
    }

    private String name(Instant begin) {
        return step.compareTo(Duration.ofDays(1)) < 0
                ? Figures.day(begin) + " " + Figures.minute(begin) + " UTC"
                : Figures.day(begin);
    }

    Bars bars(String small) {
        long highest = 1;
        long denied = 0;
        long failed = 0;
        long all = 0;
        for (var bar : counts) {
            long sum = bar[0] + bar[1] + bar[2];
            highest = Math.max(highest, sum);
            all += sum;
            failed += bar[1];
            denied += bar[2];
        }
        var scale = round(highest);
        double slot = WIDTH / begins.size();
        var bars = new ArrayList<Bar>(begins.size());
        var marks = new ArrayList<Mark>();
        int every = Math.max(1, Math.ceilDiv(begins.size(), 8));
        for (int n = 0; n < begins.size(); n++) {
            var bar = counts[n];
            bars.add(new Bar(
                    name(begins.get(n)) + ": " + count(bar[0]) + " success, " + count(bar[1]) + " failed, "
                            + count(bar[2]) + " denied",
                    n * slot + slot * 0.12,
                    slot * 0.76,
                    height(bar[0], scale),
                    height(bar[1], scale),
                    height(bar[2], scale)));
            if (n % every == 0) {
                marks.add(new Mark(
                        Math.round((n + 0.5) * slot * 10) / 100.0,
                        step.compareTo(Duration.ofDays(1)) < 0
                                ? Figures.minute(begins.get(n))
                                : DAY.format(begins.get(n)),
                        n == 0 ? "start" : "middle"));
            }
        }
        var lines = List.of(new Line(0, count(scale)), new Line(50, scale % 2 == 0 ? count(scale / 2) : ""));
        return new Bars(
                bars,
                lines,
                marks,
                count(all, "event") + " from " + Figures.day(begins.getFirst()) + " on: " + count(failed) + " failed, "
                        + count(denied) + " denied",
                small);
    }

    private static double height(long n, long scale) {
        if (n <= 0) return 0;
        return Math.max(1, Math.round(1_000.0 * n / scale) / 10.0);
    }

    /** 1, 2, 5, 10, 20, 50 …: not less than {@code n}. */
    private static long round(long n) {
        for (long power = 1; ; power *= 10) {
            for (int first : new int[] {1, 2, 5}) {
                if (first * power >= n) return first * power;
            }
        }
    }
}
