package io.muster.server.layout;

import gg.jte.Content;
import gg.jte.TemplateOutput;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * An instant on a page: relative text, absolute UTC as the title, and what {@code muster.js} needs to keep the text true.
 * The seconds of what is near are counted live.
 */
record Moment(Instant at, Instant now, Form form) implements Content {

    enum Form {
        /** {@code 37 s ago}, {@code in 12 min 53 s}. */
        REL,
        /** {@code 51 min}: how long it has lasted, or will. */
        FOR,
        /** {@code 14:31:09}. */
        CLOCK,
        /** {@code Sun 29 Mar 01:30:00}, on the clocks of who reads it; in UTC as long as no script has run. */
        HERE
    }

    private static final DateTimeFormatter HERE =
            DateTimeFormatter.ofPattern("EEE d MMM HH:mm:ss", Locale.ENGLISH).withZone(ZoneOffset.UTC);

    private static final Duration NEAR = Duration.ofMinutes(16);

    @Override
    public void writeTo(TemplateOutput output) {
        var length = Duration.between(at, now);
        output.writeContent("<time datetime=\"" + at + "\" title=\"" + Figures.utc(at) + "\"");
        switch (form) {
            case REL -> output.writeContent(" data-t=\"rel\"");
            case FOR -> output.writeContent(" data-t=\"for\"");
            case HERE -> output.writeContent(" data-t=\"here\"");
            case CLOCK -> {}
        }
        if (form != Form.CLOCK && form != Form.HERE && length.abs().compareTo(NEAR) < 0)
            output.writeContent(" data-live");
        output.writeContent(">" + text(length) + "</time>");
    }

    private String text(Duration length) {
        return switch (form) {
            case REL -> length.isNegative() ? "in " + Figures.duration(length) : Figures.duration(length) + " ago";
            case FOR -> Figures.duration(length);
            case CLOCK -> Figures.clock(at, now);
            case HERE -> HERE.format(at);
        };
    }
}
