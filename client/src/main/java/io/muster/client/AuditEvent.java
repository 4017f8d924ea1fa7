package io.muster.client;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who did what, when, where, to which tenant, with which outcome. The members are those of {@code POST /api/v1/audit/events}.
 *
 * <p>What callers of an application choose (a name at a login, a user agent) cannot make an event that the server refuses: texts are
 * cut to what the server takes (200 characters of {@code action}, 500 of a person's id, 2,000 of {@code resource} and {@code userAgent}), NUL and half characters become U+FFFD, and {@code details} that are too large or too deep give way to
 * {@code {"_cut":"why"}}.
 *
 * @param eventId made by the client, so that trying again records nothing twice
 * @param tenantId as it is declared in Muster's catalogue; in its log the event is kept
 * @param action what was done, such as {@code invoice.pay}; stored in clear, so nothing personal
 * @param timestamp when it was done; to the millisecond
 * @param resource to what, such as {@code invoices/4711}; stored in clear, so nothing personal
 * @param ip the address from which it was asked for
 * @param service which of your services
 * @param traceId such as that of W3C's {@code traceparent}
 * @param subjectId whose personal data {@code details} holds; null: that of {@code userId}
 * @param dataCategories what kinds of data were touched, such as {@code pii}
 * @param details anything else: texts, numbers, booleans, nulls, times, UUIDs, enums, and maps, lists and arrays of them. An integer that no
 *     double holds, as JSON has none such, becomes a text. {@code _source} is the sender's
 */
public record AuditEvent(
        UUID eventId,
        String tenantId,
        String action,
        Instant timestamp,
        Status status,
        @Nullable String userId,
        @Nullable String resource,
        @Nullable String ip,
        @Nullable String userAgent,
        @Nullable String service,
        @Nullable String region,
        @Nullable String traceId,
        @Nullable String subjectId,
        List<String> dataCategories,
        Map<String, @Nullable Object> details) {
    /** How it ended. */
    public enum Status {
        SUCCESS,
        FAILURE,
        /** The caller was not allowed to. */
        DENIED
    }

    /** @throws IllegalArgumentException if tenant or action are empty, or {@code details} hold what is no JSON */
    public AuditEvent {
        tenantId = required("tenantId", tenantId, 63);
        action = required("action", action, 200);
        timestamp = timestamp.truncatedTo(ChronoUnit.MILLIS);
        Objects.requireNonNull(eventId, "eventId");
        Objects.requireNonNull(status, "status");
        userId = cut(userId, 500);
        resource = cut(resource, 2000);
        ip = cut(ip, 100);
        userAgent = cut(userAgent, 2000);
        service = cut(service, 200);
        region = cut(region, 100);
        traceId = cut(traceId, 200);
        subjectId = cut(subjectId, 500);
        dataCategories = List.copyOf(dataCategories);
        details = Collections.unmodifiableMap(new LinkedHashMap<>(details));
        if (details.containsKey(Encoding.SOURCE)) {
            throw new IllegalArgumentException("details." + Encoding.SOURCE + " is the sender's: choose another name");
        }
        Json.check(details);
    }

    private static String required(String name, String text, int longest) {
        var cut = cut(text, longest);
        if (cut == null) {
            throw new IllegalArgumentException(name + " must not be empty");
        }
        return cut;
    }

    /** What is longer ends in an ellipsis; what is blank is nothing. */
    private static @Nullable String cut(@Nullable String text, int longest) {
        if (text == null || text.isBlank()) {
            return null;
        }
        return text.length() <= longest ? text : text.substring(0, longest - 1) + "…";
    }

    /** An event of now, which succeeded, with an id of its own; whatever else is known of it is added. */
    public static Builder of(String tenantId, String action) {
        return new Builder(tenantId, action);
    }

    /** Names nobody: what is printed ends in a log that nobody erases. */
    @Override
    public String toString() {
        return action + " " + status + " (" + eventId + ")";
    }

    /** Collects the members of an event; of none of them must be known. */
    public static final class Builder {
        private final String tenantId;
        private final String action;
        private final Map<String, @Nullable Object> details = new LinkedHashMap<>();
        private @Nullable UUID eventId;
        private @Nullable Instant timestamp;
        private Status status = Status.SUCCESS;
        private @Nullable String userId;
        private @Nullable String resource;
        private @Nullable String ip;
        private @Nullable String userAgent;
        private @Nullable String service;
        private @Nullable String region;
        private @Nullable String traceId;
        private @Nullable String subjectId;
        private List<String> dataCategories = List.of();

        private Builder(String tenantId, String action) {
            this.tenantId = tenantId;
            this.action = action;
        }

        /** Where the same event may be sent by several, or again after a restart; else leave it to the client. */
        public Builder eventId(UUID id) {
            eventId = id;
            return this;
        }

        public Builder timestamp(Instant at) {
            timestamp = at;
            return this;
        }

        public Builder status(Status ended) {
            status = ended;
            return this;
        }

        public Builder userId(@Nullable String id) {
            userId = id;
            return this;
        }

        public Builder resource(@Nullable String name) {
            resource = name;
            return this;
        }

        public Builder ip(@Nullable String address) {
            ip = address;
            return this;
        }

        public Builder userAgent(@Nullable String agent) {
            userAgent = agent;
            return this;
        }

        public Builder service(@Nullable String name) {
            service = name;
            return this;
        }

        public Builder region(@Nullable String code) {
            region = code;
            return this;
        }

        public Builder traceId(@Nullable String id) {
            traceId = id;
            return this;
        }

        public Builder subjectId(@Nullable String id) {
            subjectId = id;
            return this;
        }

        public Builder dataCategories(List<String> categories) {
            dataCategories = categories;
            return this;
        }

        /** Adds one. */
        public Builder detail(String name, @Nullable Object value) {
            details.put(name, value);
            return this;
        }

        /** Adds all. */
        public Builder details(Map<String, ? extends @Nullable Object> more) {
            details.putAll(more);
            return this;
        }

        /** @throws IllegalArgumentException see {@link AuditEvent} */
        public AuditEvent build() {
            var now = InstantSource.system().instant();
            return new AuditEvent(
                    eventId == null ? EventId.at(now) : eventId,
                    tenantId,
                    action,
                    timestamp == null ? now : timestamp,
                    status,
                    userId,
                    resource,
                    ip,
                    userAgent,
                    service,
                    region,
                    traceId,
                    subjectId,
                    dataCategories,
                    details);
        }
    }
}
