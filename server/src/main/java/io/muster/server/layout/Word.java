package io.muster.server.layout;

/** A state as it is shown: {@code Down}, {@code At risk}, {@code 3 out of place}. */
public record Word(State state, String icon, String text) {

    public static Word bad(String text) {
        return new Word(State.BAD, State.BAD.icon(), text);
    }

    public static Word warn(String text) {
        return new Word(State.WARN, State.WARN.icon(), text);
    }

    public static Word run(String text) {
        return new Word(State.RUN, State.RUN.icon(), text);
    }

    public static Word mute(String text) {
        return new Word(State.MUTE, State.MUTE.icon(), text);
    }

    public static Word ok(String text) {
        return new Word(State.OK, State.OK.icon(), text);
    }

    /** Not judged by accident: evidence is missing or too old, which never counts as good. */
    public static Word unknown(String text) {
        return new Word(State.MUTE, "help-circle", text);
    }

    public Word with(String otherIcon) {
        return new Word(state, otherIcon, text);
    }
}
