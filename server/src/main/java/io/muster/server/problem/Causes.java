package io.muster.server.problem;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.http.HttpStatus;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionSystemException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JacksonException.Reference;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/** Which problem an exception is: 400 for what is no JSON, 422 for JSON that says something wrong, 503 without a database. */
final class Causes {

    private static final Logger log = LoggerFactory.getLogger(Causes.class);

    /** A key, or the uuid of a check, by which it can be pinged. */
    private static final Pattern SECRET =
            Pattern.compile("ms[rw]_[A-Za-z0-9]{28}|\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");

    private static final Duration DATABASE_BACK = Duration.ofSeconds(2);

    /** The problem of {@code failure}, or of the first of its causes that has one; what is unknown is our fault. */
    static Problem problem(Throwable failure, HttpServletRequest request) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case Problem problem -> {
                    return problem;
                }
                case Refused refused -> {
                    return refused(refused.errors());
                }
                case BrokenBody broken -> {
                    return broken.problem();
                }
                case JacksonException json -> {
                    return json(json);
                }
                case DataAccessResourceFailureException _,
                        TransientDataAccessException _,
                        CannotCreateTransactionException _,
                        TransactionSystemException _ -> {
                    log.warn("{} {}: the database is away: {}", request.getMethod(), shown(request), shortly(cause));
                    return Problem.busy(
                            DATABASE_BACK,
                            "The database does not answer now: try again. Only where it went away in the midst of this request may the change have been made.");
                }
                default -> {}
            }
        }
        log.error("{} {}", request.getMethod(), shown(request), failure);
        return new Problem(
                HttpStatus.INTERNAL_SERVER_ERROR, "internal", "This is a fault of Muster; its log has the reason.");
    }

    /** A body that could not be read: why, as far as the caller can mend it. */
    static Problem unreadable(Throwable unreadable) {
        for (var cause = unreadable; cause != null; cause = cause.getCause()) {
            if (cause instanceof Problem problem) return problem;
            if (cause instanceof Refused refused) return refused(refused.errors());
            if (cause instanceof BrokenBody broken) return broken.problem();
        }
        for (var cause = unreadable; cause != null; cause = cause.getCause()) {
            if (cause instanceof JacksonException json) return json(json);
            if (cause instanceof IOException) break;
        }
        return notJson("The body is missing, or not the JSON that this endpoint takes.");
    }

    private static Problem json(JacksonException json) {
        if (json instanceof DatabindException wrong && !(wrong.getCause() instanceof StreamConstraintsException)) {
            return refused(errors(wrong));
        }
        for (Throwable cause = json; cause != null; cause = cause.getCause()) {
            if (cause instanceof StreamConstraintsException beyond) {
                return refused(List.of(new FieldError(path(json.getPath()), beyond.getOriginalMessage())));
            }
        }
        var at = json.getLocation();
        return notJson("The body is not JSON"
                + (at == null || at.getLineNr() < 1
                        ? "."
                        : ": see line " + at.getLineNr() + ", column " + at.getColumnNr() + "."));
    }

    static Problem notJson(String detail) {
        return new Problem(HttpStatus.BAD_REQUEST, "not_json", detail);
    }

    static Problem refused(List<FieldError> errors) {
        var first = errors.getFirst();
        var more = errors.size() > 1 ? " (and " + (errors.size() - 1) + " more)" : "";
        var text = (first.field().isEmpty() ? "The body" : first.field()) + " " + first.message() + more;
        return new Problem(HttpStatus.UNPROCESSABLE_CONTENT, "refused", text).with("errors", errors);
    }

    static List<FieldError> errors(DatabindException wrong) {
        var path = path(wrong.getPath());
        for (var cause = wrong.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof Refused refused) {
                return refused.errors().stream()
                        .map(error -> new FieldError(below(path, error.field()), error.message(), error.line()))
                        .toList();
            }
        }
        return List.of(
                switch (wrong) {
                    case UnrecognizedPropertyException _ -> new FieldError(path, "is not known here");
                    case InvalidFormatException bad ->
                        new FieldError(
                                path,
                                "must be " + example(bad.getTargetType()) + "; got " + Refused.shown(bad.getValue()));
                    case MismatchedInputException bad
                    when bad.getTargetType() != null -> new FieldError(path, "must be " + example(bad.getTargetType()));
                    default -> new FieldError(path, "cannot be taken as it is");
                });
    }

    private static String below(String path, String field) {
        if (path.isEmpty() || field.isEmpty()) return path + field;
        return field.startsWith("[") ? path + field : path + "." + field;
    }

    private static String path(List<Reference> path) {
        return path.stream()
                .map(step ->
                        step.getPropertyName() == null ? "[" + step.getIndex() + "]" : "." + step.getPropertyName())
                .collect(Collectors.joining())
                .replaceFirst("^\\.", "");
    }

    static String example(Class<?> type) {
        if (type == Duration.class) return "a duration such as PT15M";
        if (type == Instant.class) return "an instant such as 2026-03-01T03:00:00Z";
        if (type == LocalDate.class) return "a date such as 2026-03-01";
        if (type == ZoneId.class) return "a time zone such as Europe/Riga";
        if (type == UUID.class) return "a UUID";
        if (type == Boolean.class || type == boolean.class) return "true or false";
        if (type == String.class) return "a text";
        if (type == Integer.class || type == int.class || type == Long.class || type == long.class)
            return "a whole number";
        if (Number.class.isAssignableFrom(type) || type == double.class) return "a number";
        if (type.isEnum()) {
            return "one of "
                    + java.util.Arrays.stream(type.getEnumConstants())
                            .map(value -> ((Enum<?>) value)
                                    .name()
                                    .toLowerCase(Locale.ROOT)
                                    .replace('_', '-'))
                            .collect(Collectors.joining(", "));
        }
        if (type.isArray() || java.util.Collection.class.isAssignableFrom(type)) return "a list";
        return "an object";
    }

    /** The path that was called, without what is secret in it. */
    private static String shown(HttpServletRequest request) {
        return SECRET.matcher(request.getRequestURI()).replaceAll("***");
    }

    private static String shortly(Throwable failure) {
        return Refused.shown(failure.getMessage());
    }

    private Causes() {}
}
