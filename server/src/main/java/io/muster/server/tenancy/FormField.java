package io.muster.server.tenancy;

import java.util.List;
import java.util.regex.Pattern;

/**
 * One member of a declaration, as a form asks for it. What is right is said by the noun's record alone; this only helps to
 * write it.
 *
 * @param name the member in JSON; a dot leads into an object, {@code replicates.from}
 * @param hint below the field; empty: none
 * @param example shown in the empty field
 * @param choices of {@link Input#CHOICE}; of {@link Input#REFERENCE} the one kind whose ids can be chosen
 * @param half beside the next one
 */
public record FormField(
        String name,
        String label,
        Input input,
        boolean required,
        String hint,
        String example,
        List<String> choices,
        boolean half) {

    private static final Pattern ENDS = Pattern.compile("\r\n?|\n");

    /** How it is written. */
    public enum Input {
        TEXT,
        CODE,
        NUMBER,
        CHOICE,
        REFERENCE,
        /** Ids or words with commas; one that has a comma itself is in quotes, {@code "Ops, EU"}. */
        LIST,
        /** {@code name=value}, with commas and quotes as in a list. */
        PAIRS,
        /** {@code all}, {@code policy:<id>}, or ids with commas. */
        SELECTOR,
        /** One condition a line: places, a colon, mechanisms. */
        CONDITIONS,
        /** Several lines. */
        LONG
    }

    /** Written in several lines. */
    boolean isLong() {
        return input == Input.LONG || input == Input.CONDITIONS;
    }

    /**
     * Whether {@code written} is what a browser sends of a field that shows {@code shown}, if nobody writes there: the
     * field of one line leaves out what ends lines, that of several ends each with CR LF.
     *
     * @param lines the field has several
     */
    public static boolean isUntouched(String shown, String written, boolean lines) {
        var end = lines ? "\n" : "";
        return ENDS.matcher(shown).replaceAll(end).equals(ENDS.matcher(written).replaceAll(end));
    }

    public static FormField of(Input input, String name, String label) {
        return new FormField(name, label, input, false, "", "", List.of(), false);
    }

    public static FormField text(String name, String label) {
        return of(Input.TEXT, name, label);
    }

    public static FormField code(String name, String label) {
        return of(Input.CODE, name, label);
    }

    public static FormField choice(String name, String label, List<String> choices) {
        return new FormField(name, label, Input.CHOICE, false, "", "", choices, false);
    }

    public static FormField reference(String name, String label, String kind) {
        return new FormField(name, label, Input.REFERENCE, false, "", "", List.of(kind), false);
    }

    public FormField must() {
        return new FormField(name, label, input, true, hint, example, choices, half);
    }

    public FormField hint(String words) {
        return new FormField(name, label, input, required, words, example, choices, half);
    }

    public FormField example(String words) {
        return new FormField(name, label, input, required, hint, words, choices, half);
    }

    public FormField beside() {
        return new FormField(name, label, input, required, hint, example, choices, true);
    }
}
