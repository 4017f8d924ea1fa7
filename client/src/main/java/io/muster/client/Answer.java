package io.muster.client;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a server's answer to a batch means. */
sealed interface Answer {
    /** One fate for each event, in the order in which they were sent. */
    record Each(List<Fate> fates) implements Answer {}

    /** The batch as a whole is not understood, because of one of its events or more. */
    record Malformed(int status, String why) implements Answer {}

    /**
     * Nothing was recorded, as far as is known, and the events are not to blame.
     *
     * @param after not to be tried before; zero: whenever the sender likes
     * @param stumbled whether the server failed while it had the batch in hand, so that the batch may be the cause after all
     */
    record Later(String why, Duration after, boolean stumbled) implements Answer {
        Later(String why) {
            this(why, Duration.ZERO, false);
        }
    }

    /** What became of an event. */
    sealed interface Fate {
        record Recorded(Receipt receipt) implements Fate {}

        record Refused(int status, String why) implements Fate {}

        /** It is to be tried again. */
        record Open() implements Fate {}
    }

    /** Longest wait that a server may ask for. */
    Duration LONGEST_WAIT = Duration.ofMinutes(10);

    /**
     * Pure.
     *
     * @param retryAfter the header, seconds or a date; empty if there is none
     * @param sent how many events
     */
    static Answer of(int status, String retryAfter, String body, int sent, Instant now) {
        var json = parsed(body);
        if (json instanceof Map<?, ?> members
                && members.get("items") instanceof List<?> items
                && items.size() == sent) {
            return new Each(items.stream().map(Answer::fate).toList());
        }
        var words = words(json).map(said -> ": " + said).orElse("");
        return switch (status) {
            case 400, 409, 413, 422 -> new Malformed(status, words(json).orElse("the server answered " + status));
            case 401, 403 -> new Later("the server does not take this key (" + status + ")" + words);
            case 429, 503 -> new Later("the server is busy (" + status + ")" + words, wait(retryAfter, now), false);
            case 500 -> new Later("the server failed (500)" + words, wait(retryAfter, now), true);
            default ->
                new Later(
                        "the server answered " + status + ", and not as a Muster server does" + words,
                        wait(retryAfter, now),
                        false);
        };
    }

    private static @Nullable Object parsed(String body) {
        try {
            return Json.read(body);
        } catch (IllegalArgumentException notMuster) {
            return null;
        }
    }

    private static Fate fate(@Nullable Object item) {
        if (!(item instanceof Map<?, ?> members) || !(members.get("status") instanceof BigDecimal number)) {
            return new Fate.Open();
        }
        int status = number.intValue();
        if (status == 200 || status == 201) {
            return receipt(members).<Fate>map(Fate.Recorded::new).orElseGet(Fate.Open::new);
        }
        return status < 400 || status >= 500 || status == 429
                ? new Fate.Open()
                : new Fate.Refused(status, words(members).orElse("the server gave no reason"));
    }

    private static Optional<Receipt> receipt(Map<?, ?> members) {
        if (members.get("eventId") instanceof String id
                && members.get("tenantId") instanceof String tenant
                && members.get("sequence") instanceof BigDecimal sequence
                && members.get("leafHash") instanceof String leaf
                && members.get("receivedAt") instanceof String at
                && members.get("duplicate") instanceof Boolean duplicate) {
            try {
                return Optional.of(new Receipt(
                        UUID.fromString(id), tenant, sequence.longValueExact(), leaf, Instant.parse(at), duplicate));
            } catch (IllegalArgumentException | ArithmeticException | DateTimeParseException notAReceipt) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    /** What a problem (RFC 9457) says to people. */
    private static Optional<String> words(@Nullable Object problem) {
        if (!(problem instanceof Map<?, ?> members)) {
            return Optional.empty();
        }
        if (members.get("errors") instanceof List<?> errors && !errors.isEmpty()) {
            var said = new ArrayList<String>();
            for (var error : errors) {
                if (error instanceof Map<?, ?> one) {
                    said.add(
                            one.get("message") instanceof String message && one.get("field") instanceof String field
                                    ? (message.startsWith(field) ? message : field + " " + message)
                                    : String.valueOf(one.get("message")));
                }
            }
            return Optional.of(said.stream().collect(Collectors.joining("; ")));
        }
        return Optional.ofNullable(members.get("detail") instanceof String detail ? detail : members.get("title"))
                .map(String::valueOf);
    }

    private static Duration wait(String retryAfter, Instant now) {
        Duration asked;
        try {
            asked = retryAfter.isEmpty()
                    ? Duration.ZERO
                    : retryAfter.chars().allMatch(c -> c >= '0' && c <= '9')
                            ? Duration.ofSeconds(
                                    retryAfter.length() > 9 ? Integer.MAX_VALUE : Long.parseLong(retryAfter))
                            : Duration.between(
                                    now,
                                    ZonedDateTime.parse(retryAfter, DateTimeFormatter.RFC_1123_DATE_TIME)
                                            .toInstant());
        } catch (DateTimeParseException unreadable) {
            asked = Duration.ZERO;
        }
        return asked.isNegative() ? Duration.ZERO : asked.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : asked;
    }
}
