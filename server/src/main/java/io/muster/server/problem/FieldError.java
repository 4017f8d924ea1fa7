package io.muster.server.problem;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DatabindException;

/**
 * What is wrong with one member of what was sent.
 *
 * @param field its path, such as {@code conditional[0].to}
 * @param message what would be right, and what was sent
 * @param line where it stands in a file, from 1; null where there are no lines
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record FieldError(
        String field, String message, @Nullable Integer line) {

    public FieldError(String field, String message) {
        this(field, message, null);
    }

    /** What is wrong with JSON that could not become the value that was asked for. */
    public static List<FieldError> of(DatabindException wrong) {
        return Causes.errors(wrong);
    }
}
