package io.muster.server.tenancy;

import io.muster.server.problem.FieldError;
import io.muster.server.problem.Refused;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks the members of one declaration and refuses all that are wrong together. */
final class Members {

    static final Pattern ID = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final int LONGEST_LIST = 1_000;

    private final List<FieldError> errors = new ArrayList<>();

    static boolean isId(String text) {
        return ID.matcher(text).matches();
    }

    static void checkId(String id) {
        if (!isId(id)) {
            throw new Refused(
                    "id",
                    "must be 1 to 63 of a-z, 0-9 and -, beginning and ending with a letter or digit; got "
                            + Refused.shown(id));
        }
    }

    /** A required text of 1 to {@code longest} characters, none of them a control character. */
    Members text(String field, @Nullable String value, int longest) {
        if (value == null) {
            wrong(field, "is missing");
        } else if (value.isBlank() || value.length() > longest) {
            wrong(field, "must have 1 to " + longest + " characters; got " + value.length());
        } else if (value.chars().anyMatch(Character::isISOControl)) {
            wrong(field, "must be one line without control characters");
        }
        return this;
    }

    Members optionalText(String field, @Nullable String value, int longest) {
        return value == null ? this : text(field, value, longest);
    }

    /** A required id of another thing; whether there is such a thing is asked later. */
    Members id(String field, @Nullable String value) {
        if (value == null) {
            wrong(field, "is missing");
        } else if (!isId(value)) {
            wrong(field, "must be an id; got " + Refused.shown(value));
        }
        return this;
    }

    Members region(String field, @Nullable String value) {
        if (value == null) {
            wrong(field, "is missing");
        } else if (!RegionNoun.CODE.matcher(value).matches()) {
            wrong(field, "must be the code of a region, such as eu-west-1; got " + Refused.shown(value));
        }
        return this;
    }

    Members required(String field, @Nullable Object value) {
        return value == null ? wrong(field, "is missing") : this;
    }

    Members span(String field, @Nullable Span value, Span least, Span most) {
        return value == null ? wrong(field, "is missing") : optionalSpan(field, value, least, most);
    }

    Members optionalSpan(String field, @Nullable Span value, Span least, Span most) {
        if (value != null
                && (value.duration().compareTo(least.duration()) < 0
                        || value.duration().compareTo(most.duration()) > 0)) {
            wrong(field, "must be between " + least + " and " + most + "; got " + value);
        }
        return this;
    }

    Members between(String field, @Nullable Double value, double least, double most) {
        if (value == null) {
            wrong(field, "is missing");
        } else if (!(value >= least && value <= most)) {
            wrong(field, "must be between " + least + " and " + most + "; got " + value);
        }
        return this;
    }

    /** Texts of up to {@code longest} characters; left out means none. */
    List<String> texts(String field, @Nullable List<String> values, int most, int longest) {
        if (values == null) return List.of();
        if (values.size() > most) {
            wrong(field, "may have " + most + " entries at most; got " + values.size());
            return List.of();
        }
        for (int i = 0; i < values.size(); i++) {
            text(field + "[" + i + "]", values.get(i), longest);
        }
        return values.stream().filter(Objects::nonNull).toList();
    }

    /** Left out means none. */
    Map<String, String> labels(String field, @Nullable Map<String, String> values) {
        if (values == null || values.isEmpty()) return Map.of();
        if (values.size() > 64) {
            wrong(field, "may have 64 labels at most; got " + values.size());
            return Map.of();
        }
        var kept = new LinkedHashMap<String, String>();
        values.forEach((name, value) -> {
            if (name.isEmpty() || name.length() > 63) {
                wrong(field, "may have names of 1 to 63 characters; got " + Refused.shown(name));
            } else if (value == null || value.length() > 255) {
                wrong(field + "." + name, "must be a text of up to 255 characters");
            } else {
                kept.put(name, value);
            }
        });
        return java.util.Collections.unmodifiableMap(kept);
    }

    Members wrong(String field, String message) {
        if (errors.size() < LONGEST_LIST) errors.add(new FieldError(field, message));
        return this;
    }

    boolean fine() {
        return errors.isEmpty();
    }

    /** Refuses if anything was wrong. */
    void done() {
        if (!errors.isEmpty()) throw new Refused(errors);
    }

    static Span days(long days) {
        return Span.of("P" + days + "D");
    }

    static final Span NOTHING = Span.of("PT0S");
    static final Span SECOND = Span.of("PT1S");
    static final Span MINUTE = Span.of(Duration.ofMinutes(1));
}
