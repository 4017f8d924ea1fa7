package io.muster.server.heartbeat;

import java.util.Locale;
import java.util.Map;
import org.springframework.web.util.HtmlUtils;

/**
 * A name, and how the checks that it stands for fare.
 *
 * @param status the worst of them; late counts as up where a badge tells two states only
 */
record Badge(String label, Status status, long total, long grace, long down) {

    /** New and paused checks are up: nothing is known against them. */
    enum Status {
        UP("#4c1", "success"),
        LATE("#fe7d37", "important"),
        DOWN("#e05d44", "critical");

        private final String fill;
        private final String meaning;

        Status(String fill, String meaning) {
            this.fill = fill;
            this.meaning = meaning;
        }

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final int PADDING = 6; // pixels, as all below

    static Badge of(String label, long total, long grace, long down, boolean showsLate) {
        var status = down > 0 ? Status.DOWN : grace > 0 && showsLate ? Status.LATE : Status.UP;
        return new Badge(label, status, total, grace, down);
    }

    record Counts(String status, long total, long grace, long down) {}

    Counts json() {
        return new Counts(status.word(), total, grace, down);
    }

    /** As <a href="https://shields.io/badges/endpoint-badge">shields.io</a> reads it. */
    Map<String, Object> shields() {
        return Map.of("schemaVersion", 1, "label", label, "message", status.word(), "color", status.meaning);
    }

    String svg() {
        int left = width(label) + 2 * PADDING;
        int right = width(status.word()) + 2 * PADDING;
        var name = HtmlUtils.htmlEscapeDecimal(label, "UTF-8");
        return """
                <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="20" role="img" aria-label="%5$s: %6$s">\
                <title>%5$s: %6$s</title>\
                <clipPath id="edge"><rect width="%1$d" height="20" rx="3"/></clipPath>\
                <g clip-path="url(#edge)"><rect width="%2$d" height="20" fill="#555"/>\
                <rect x="%2$d" width="%3$d" height="20" fill="%4$s"/></g>\
                <g font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11">%7$s%8$s</g></svg>
                """.formatted(
                        left + right,
                        left,
                        right,
                        status.fill,
                        name,
                        status.word(),
                        text(name, PADDING, width(label)),
                        text(status.word(), left + PADDING, width(status.word())));
    }

    /** White on its own shadow; as long as we have counted, whichever font there is. */
    private static String text(String words, int x, int length) {
        var form = "<text x=\"%d\" y=\"%d\" textLength=\"%d\" fill=\"%s\">%s</text>";
        return form.formatted(x, 15, length, "#0005", words) + form.formatted(x, 14, length, "#fff", words);
    }

    /** About what Verdana takes at 11 pixels. */
    private static int width(String text) {
        return (int) Math.ceil(text.codePoints()
                .mapToDouble(c -> "iIjl.,:;'|!()[]{} ".indexOf(c) >= 0
                        ? 4.1
                        : "mwMW@%".indexOf(c) >= 0 ? 10.2 : Character.isUpperCase(c) ? 7.6 : c < 0x2000 ? 6.5 : 11)
                .sum());
    }
}
