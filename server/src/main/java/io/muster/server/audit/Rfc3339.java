package io.muster.server.audit;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.regex.Pattern;

/**
 * Instants of events. The usual form, in UTC with three digits of a second, is written and read here by hand: the JDK's formatters take ten
 * times as long, and each event has three instants.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc3339#section-5.6">RFC 3339, section 5.6</a>
 */
final class Rfc3339 {

    private static final Pattern ANY =
            Pattern.compile("\\d{4}-\\d{2}-\\d{2}[Tt]\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?([Zz]|[+-]\\d{2}:\\d{2})");
    private static final DateTimeFormatter MILLISECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
    private static final String USUAL = "0000-00-00T00:00:00.000Z";

    private Rfc3339() {}

    /** {@code 2026-03-01T03:00:00.000Z}; what is less than a millisecond is left out. */
    static String text(Instant instant) {
        var at = LocalDateTime.ofEpochSecond(instant.getEpochSecond(), instant.getNano(), ZoneOffset.UTC);
        if (at.getYear() < 0 || at.getYear() > 9_999) return MILLISECONDS.format(instant);
        var text = USUAL.toCharArray();
        digits(text, 4, at.getYear());
        digits(text, 7, at.getMonthValue());
        digits(text, 10, at.getDayOfMonth());
        digits(text, 13, at.getHour());
        digits(text, 16, at.getMinute());
        digits(text, 19, at.getSecond());
        digits(text, 23, at.getNano() / 1_000_000);
        return new String(text);
    }

    /** The digits of a number, up to the place {@code end}; zeros stand there already. */
    private static void digits(char[] text, int end, int number) {
        for (int rest = number, at = end - 1; rest > 0; rest /= 10) text[at--] = (char) ('0' + rest % 10);
    }

    /**
     * In whole milliseconds.
     *
     * @throws DateTimeException it is none
     */
    static Instant parse(String text) {
        if (isUsual(text)) {
            return LocalDateTime.of(
                            number(text, 0, 4),
                            number(text, 5, 7),
                            number(text, 8, 10),
                            number(text, 11, 13),
                            number(text, 14, 16),
                            number(text, 17, 19),
                            1_000_000 * number(text, 20, 23))
                    .toInstant(ZoneOffset.UTC);
        }
        if (!ANY.matcher(text).matches()) throw new DateTimeException("not RFC 3339");
        return OffsetDateTime.parse(text).toInstant().truncatedTo(ChronoUnit.MILLIS);
    }

    private static boolean isUsual(String text) {
        if (text.length() != USUAL.length()) return false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean fits = USUAL.charAt(i) == '0' ? c >= '0' && c <= '9' : c == USUAL.charAt(i);
            if (!fits) return false;
        }
        return true;
    }

    private static int number(String text, int from, int to) {
        return Integer.parseInt(text, from, to, 10);
    }
}
