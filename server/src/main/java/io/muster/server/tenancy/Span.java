package io.muster.server.tenancy;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.muster.server.problem.Refused;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/** A duration as it was written: {@code PT72H} is shown as that, and equals {@code P3D}. */
public final class Span {

    private final String text;
    private final Duration duration;

    private Span(String text, Duration duration) {
        this.text = text;
        this.duration = duration;
    }

    @JsonCreator
    public static Span of(String text) {
        try {
            return new Span(text, Duration.parse(text));
        } catch (DateTimeParseException | ArithmeticException notADuration) {
            var shown = text.length() > 50 ? text.substring(0, 50) + "…" : text;
            throw new Refused("", "must be a duration of days to seconds, such as PT15M or P90D; got " + shown);
        }
    }

    public static Span of(Duration duration) {
        return new Span(duration.toString(), duration);
    }

    public Duration duration() {
        return duration;
    }

    @JsonValue
    @Override
    public String toString() {
        return text;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Span span && span.duration.equals(duration);
    }

    @Override
    public int hashCode() {
        return duration.hashCode();
    }
}
