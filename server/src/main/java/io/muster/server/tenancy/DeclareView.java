package io.muster.server.tenancy;

import io.muster.server.layout.Upcoming;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One declaration as a form and as YAML.
 *
 * @param edits it is declared already, and its id stays
 * @param version of what is edited: if another is declared when it is sent, nothing is written
 * @param problem what is wrong with no field of its own; empty: nothing
 */
public record DeclareView(
        String kind,
        String noun,
        boolean edits,
        String id,
        long version,
        @Nullable String idProblem,
        List<Field> fields,
        String problem,
        Side side,
        Map<String, String> kinds) {

    /** @param half beside another one */
    public record Field(
            FormField field, String value, @Nullable String problem, List<String> choices, boolean half) {

        public String id() {
            return "f-" + field.name().replace('.', '-').replace('_', '-');
        }

        public boolean isSelect() {
            return field.input() == FormField.Input.CHOICE
                    || field.input() == FormField.Input.REFERENCE && choices.size() <= 60 && !choices.isEmpty();
        }

        public boolean isLong() {
            return field.isLong();
        }

        public boolean isCode() {
            return field.input() != FormField.Input.TEXT;
        }
    }

    /** What stands beside the form. @param problems what is wrong with what is written so far @param upcoming null: it has no times */
    public record Side(
            String yaml,
            String api,
            List<Consequences.Follow> follows,
            List<String> problems,
            @Nullable Upcoming upcoming) {}
}
