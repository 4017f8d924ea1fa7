package io.muster.cli;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How long: {@code 90s}, {@code 15m}, {@code 2h}, {@code 1d}, or as in the API, {@code PT15M}. */
final class Durations implements ITypeConverter<Duration> {
    private static final Pattern SHORT = Pattern.compile("([0-9]{1,9})([smhd])");
    private static final Duration LONGEST = Duration.ofDays(365);

    @Override
    public Duration convert(String text) {
        var duration = parse(text);
        if (duration.isNegative() || duration.compareTo(LONGEST) > 0) {
            throw wrong(text);
        }
        return duration;
    }

    private static Duration parse(String text) {
        var matcher = SHORT.matcher(text);
        if (!matcher.matches()) {
            try {
                return Duration.parse(text);
            } catch (DateTimeParseException none) {
                throw wrong(text);
            }
        }
        long n = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "s" -> Duration.ofSeconds(n);
            case "m" -> Duration.ofMinutes(n);
            case "h" -> Duration.ofHours(n);
            default -> Duration.ofDays(n);
        };
    }

    private static TypeConversionException wrong(String text) {
        return new TypeConversionException("must be like 90s, 15m, 2h or PT15M, at most 365d; got " + text);
    }

    /** For people: {@code 0.4 s}, {@code 12 s}, {@code 3 min 5 s}, {@code 26 h 10 min}. */
    static String words(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds < 10) {
            return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0)
                    .replace(".0 s", " s");
        }
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3600) {
            return seconds / 60 + " min" + (seconds % 60 == 0 ? "" : " " + seconds % 60 + " s");
        }
        return seconds / 3600 + " h" + (seconds % 3600 < 60 ? "" : " " + seconds % 3600 / 60 + " min");
    }
}
