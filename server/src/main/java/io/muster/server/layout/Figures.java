package io.muster.server.layout;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Numbers, durations and instants as people read them; {@code muster.js} has the same rules for what it keeps current. */
public final class Figures {
    private static final DateTimeFormatter UTC = format("yyyy-MM-dd HH:mm:ss 'UTC'");
    private static final DateTimeFormatter DAY = format("yyyy-MM-dd");
    private static final DateTimeFormatter CLOCK = format("HH:mm:ss");
    private static final DateTimeFormatter MINUTE = format("HH:mm");
    private static final DateTimeFormatter DAY_AND_CLOCK = format("MM-dd HH:mm");
    private static final DateTimeFormatter WEEKDAY = format("EEE");
    private static final DateTimeFormatter LONG_DAY = format("EEE d MMMM HH:mm 'UTC'");

    private Figures() {}

    /** {@code 1,204}. */
    public static String count(long n) {
        return String.format(Locale.ENGLISH, "%,d", n);
    }

    /** {@code 1 tenant}, {@code 1,251 tenants}, {@code 2 policies}, {@code 2 keys}. */
    public static String count(long n, String one) {
        return count(n) + " "
                + (n == 1 ? one : one.matches(".*[^aeiou]y") ? one.substring(0, one.length() - 1) + "ies" : one + "s");
    }

    /** The two greatest units that matter: {@code 37 s}, {@code 11 min 40 s}, {@code 51 min}, {@code 1 h 11 min}, {@code 16 d}. */
    public static String duration(Duration duration) {
        var seconds = Math.abs(Math.round(duration.toMillis() / 1000.0));
        var d = seconds / 86_400;
        var h = seconds % 86_400 / 3_600;
        var m = seconds % 3_600 / 60;
        var s = seconds % 60;
        if (d > 13) return d + " d";
        if (d > 0) return h > 0 && d < 3 ? d + " d " + h + " h" : d + " d";
        if (h > 0) return m > 0 ? h + " h " + m + " min" : h + " h";
        if (m > 0) return m < 15 && s > 0 ? m + " min " + s + " s" : m + " min";
        return s + " s";
    }

    /** How long something took: {@code 0.4 s}, {@code 37 s}, {@code 11 min 40 s}. */
    public static String took(Duration duration) {
        var millis = duration.abs().toMillis();
        if (millis >= 9_950) return duration(duration);
        return millis < 50 ? "under 0.1 s" : String.format(Locale.ENGLISH, "%.1f s", millis / 1000.0);
    }

    /** A promise in the unit that it was made in: {@code 20 min}, {@code 72 h}, {@code 30 d}. */
    public static String promise(Duration duration) {
        var seconds = duration.toSeconds();
        if (seconds == 0) return "0 s";
        if (seconds % 86_400 == 0 && seconds > 3 * 86_400) return seconds / 86_400 + " d";
        if (seconds % 3_600 == 0) return seconds / 3_600 + " h";
        if (seconds % 60 == 0 && seconds <= 5_400) return seconds / 60 + " min";
        return duration(duration);
    }

    /** {@code 2026-03-18 14:31:09 UTC}. */
    public static String utc(Instant at) {
        return UTC.format(at);
    }

    /** {@code Sat 21 March 13:41 UTC}. */
    public static String longDay(Instant at) {
        return LONG_DAY.format(at);
    }

    /** {@code 14:31:09}, with the day before it if that is not today. */
    public static String clock(Instant at, Instant now) {
        return (DAY.format(at).equals(DAY.format(now)) ? CLOCK : DAY_AND_CLOCK).format(at);
    }

    /** {@code 14:45}. */
    public static String minute(Instant at) {
        return MINUTE.format(at);
    }

    /** {@code Gold} of gold. */
    public static String capital(String word) {
        return word.isEmpty() ? word : word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
    }

    /** {@code Wed}. */
    public static String weekday(Instant at) {
        return WEEKDAY.format(at);
    }

    /** {@code 2026-03-18}. */
    public static String day(Instant at) {
        return DAY.format(at);
    }

    /** {@code 99.79 %}; all is 100 %, and what is not all is never rounded up to it. */
    public static String percent(long part, long whole) {
        if (part == whole) return "100 %";
        return String.format(Locale.ENGLISH, "%.2f %%", Math.min(99.99, 100.0 * part / whole));
    }

    /** {@code 612 B}, {@code 8.8 kB}, {@code 1.0 MB}. */
    public static String bytes(long n) {
        if (n < 1_000) return n + " B";
        if (n < 1_000_000) return String.format(Locale.ENGLISH, "%.1f kB", n / 1e3);
        return String.format(Locale.ENGLISH, "%.1f MB", n / 1e6);
    }

    private static DateTimeFormatter format(String pattern) {
        return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).withZone(ZoneOffset.UTC);
    }
}
