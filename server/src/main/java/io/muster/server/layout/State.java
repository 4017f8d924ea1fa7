package io.muster.server.layout;

import java.util.Locale;

/** The five meanings that colour has. Never colour alone: each comes with an icon and a word. */
public enum State {
    BAD("circle-x"),
    WARN("alert-triangle"),
    RUN("player-play"),
    MUTE("circle-dashed"),
    OK("circle-check");

    private final String icon;

    State(String icon) {
        this.icon = icon;
    }

    /** The ending of the classes {@code st-}, {@code pill-}, {@code answer-}, {@code f-}. */
    public String css() {
        return name().toLowerCase(Locale.ROOT);
    }

    public String icon() {
        return icon;
    }
}
