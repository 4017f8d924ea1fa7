package io.muster.server.audit;

import io.muster.merklelog.CanonicalJson;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who did what, when, from where, to whose data: as a client sent it, after redaction.
 *
 * @param eventId the client's, or ours
 * @param userId who did it; null for machines without a name
 * @param action such as {@code UPDATE_USER_PROFILE}; in clear, as {@code resource} is
 * @param timestamp when it happened, in whole milliseconds
 * @param service which of the tenant's services says so
 * @param subjectId whose personal data {@code details} holds; null: the user's
 * @param details members as JSON has them; null if none were sent
 */
public record AuditEvent(
        String tenantId,
        UUID eventId,
        @Nullable String userId,
        String action,
        Instant timestamp,
        @Nullable String resource,
        Outcome status,
        @Nullable String ip,
        @Nullable String userAgent,
        @Nullable String service,
        @Nullable String region,
        @Nullable String traceId,
        @Nullable String subjectId,
        List<String> dataCategories,
        @Nullable Map<String, @Nullable Object> details) {

    /** How it ended; the order is that of the column {@code outcome}. */
    public enum Outcome {
        SUCCESS,
        FAILURE,
        DENIED
    }

    /** RFC 3339 in UTC with three digits of a second, as it is hashed and shown. */
    static String text(Instant instant) {
        return Rfc3339.text(instant);
    }

    /** Whose personal data the details are: a name, or null for nobody's. */
    @Nullable String subject() {
        return subjectId != null ? subjectId : userId;
    }

    /** What is shown of it, without what only the log knows; absent members are absent. */
    Map<String, @Nullable Object> members() {
        var members = new TreeMap<String, @Nullable Object>();
        members.put("action", action);
        if (!dataCategories.isEmpty()) members.put("dataCategories", dataCategories);
        put(members, "details", details);
        members.put("eventId", eventId.toString());
        put(members, "ip", ip);
        put(members, "region", region);
        put(members, "resource", resource);
        put(members, "service", service);
        members.put("status", status.name());
        put(members, "subjectId", subjectId);
        members.put("tenantId", tenantId);
        members.put("timestamp", text(timestamp));
        put(members, "traceId", traceId);
        put(members, "userAgent", userAgent);
        put(members, "userId", userId);
        return members;
    }

    private static void put(Map<String, @Nullable Object> members, String name, @Nullable Object value) {
        if (value != null) members.put(name, value);
    }

    /** The canonical JSON (RFC 8785) that the log commits to. */
    byte[] canonical() {
        var text = new StringBuilder(512);
        CanonicalJson.write(members(), text);
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }
}
