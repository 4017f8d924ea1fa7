package io.muster.server.layout;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A stretch of time as wide as the picture; places are percentages, so that it stretches and its text does not. */
public record Axis(Instant from, Instant to) {

    /** A line of the grid and what is written above it. */
    public record Tick(String x, String text, String anchor) {}

    private static final List<Duration> STEPS = List.of(
            Duration.ofMinutes(1),
            Duration.ofMinutes(2),
            Duration.ofMinutes(5),
            Duration.ofMinutes(15),
            Duration.ofMinutes(30),
            Duration.ofHours(1),
            Duration.ofHours(2),
            Duration.ofHours(4),
            Duration.ofHours(12),
            Duration.ofDays(1),
            Duration.ofDays(2),
            Duration.ofDays(7),
            Duration.ofDays(30),
            Duration.ofDays(365));

    public Axis {
        if (!from.isBefore(to)) throw new IllegalArgumentException(from + " is not before " + to);
    }

    public String x(Instant at) {
        return percent(share(at));
    }

    public String width(Instant begin, Instant end) {
        return percent(Math.max(0.3, share(end) - share(begin)));
    }

    /** Whether {@code text} can be written into a bar. */
    public boolean holds(Instant begin, Instant end, String text) {
        return share(end) - share(begin) > text.length() * 1.2;
    }

    public boolean shows(Instant at) {
        return !at.isBefore(from) && !at.isAfter(to);
    }

    /** From 0 to 100; what lies outside is at the edge. */
    double share(Instant at) {
        var whole = Duration.between(from, to).toMillis();
        var part = Duration.between(from, at).toMillis();
        return Math.clamp(100.0 * part / whole, 0, 100);
    }

    public List<Tick> ticks() {
        var span = Duration.between(from, to);
        var step = STEPS.stream()
                .filter(each -> each.multipliedBy(7).compareTo(span) >= 0)
                .findFirst()
                .orElse(STEPS.getLast());
        var ticks = new ArrayList<Tick>();
        var seconds = step.toSeconds();
        var first = Instant.ofEpochSecond(Math.ceilDiv(from.getEpochSecond(), seconds) * seconds);
        for (var at = first; !at.isAfter(to) && ticks.size() < 12; at = at.plus(step)) {
            var share = share(at);
            ticks.add(new Tick(percent(share), text(at, step), share < 3 ? "start" : share > 97 ? "end" : "middle"));
        }
        return ticks;
    }

    private static String text(Instant at, Duration step) {
        var midnight = at.atOffset(ZoneOffset.UTC).toLocalTime().toSecondOfDay() == 0;
        if (step.compareTo(Duration.ofDays(1)) >= 0) return Figures.day(at).substring(5);
        return midnight ? Figures.weekday(at) + " 00:00" : Figures.minute(at);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.2f%%", share);
    }
}
