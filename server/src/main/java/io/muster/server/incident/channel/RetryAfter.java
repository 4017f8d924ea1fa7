package io.muster.server.incident.channel;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** What failed calls have in common. */
public final class RetryAfter {

    /** Nobody makes us forget an alert by asking for more. */
    private static final Duration MOST = Duration.ofHours(24);

    /** For how long the other side asked us to wait, in seconds or until a date; 24 hours at most. */
    public static Optional<Duration> of(Outbound.Answer answer, Instant now) {
        var text = answer.headers().get("retry-after");
        if (text == null) return Optional.empty();
        try {
            var wait = text.strip().matches("[0-9]{1,9}")
                    ? Duration.ofSeconds(Long.parseLong(text.strip()))
                    : Duration.between(
                            now,
                            ZonedDateTime.parse(text.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                                    .toInstant());
            return wait.isNegative() ? Optional.empty() : Optional.of(wait.compareTo(MOST) > 0 ? MOST : wait);
        } catch (DateTimeException unreadable) {
            return Optional.empty();
        }
    }

    /** Why there was no answer, for people. */
    public static String reason(IOException failure) {
        var message = failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        return switch (failure) {
            case Outbound.NotAllowed _ -> "not called: " + message;
            case ConnectException _ -> "no connection: " + message;
            case SocketTimeoutException _ -> "no answer in time: " + message;
            case SSLException _ -> "no trusted connection: " + message;
            default -> message;
        };
    }

    private RetryAfter() {}
}
