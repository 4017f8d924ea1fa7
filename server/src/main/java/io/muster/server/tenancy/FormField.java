package io.muster.server.tenancy;

import java.util.List;

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

    /** How it is written. */
    public enum Input {
        TEXT,
        CODE,
        NUMBER,
        CHOICE,
        REFERENCE,
        /** Ids or words with commas. */
        LIST,
        /** {@code name=value}, with commas. */
        PAIRS,
        /** {@code all}, {@code policy:<id>}, or ids with commas. */
        SELECTOR,
        /** One condition a line: places, a colon, mechanisms. */
        CONDITIONS,
        /** Several lines. */
        LONG
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
