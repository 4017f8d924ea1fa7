package io.muster.server.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.muster.server.keys.FieldKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Opens envelopes: the way back from {@link Sealing}. What was sealed for an erased person stays closed. */
@Component
class Opening {

    /** A row of {@code audit_event}. */
    record Row(long sequence, Instant receivedAt, UUID eventId, byte[] commitment, byte[] envelope) {}

    /**
     * An event as people see it.
     *
     * @param members as the contract has them, {@code eventId}, {@code sequence} and {@code receivedAt} first; null where erased
     * @param salt opens the envelope's {@code plain}; null once a person in it is erased
     */
    record Opened(Row row, Map<String, @Nullable Object> members, byte @Nullable [] salt) {
        boolean erased() {
            return salt == null;
        }

        @Nullable String text(String member) {
            return members.get(member) instanceof String text ? text : null;
        }
    }

    private final Logs logs;
    private final JsonMapper json;

    Opening(Logs logs, JsonMapper json) {
        this.logs = logs;
        this.json = json;
    }

    /** In the order given; the keys are asked for once, as the database has them now. */
    List<Opened> open(TenantLog log, List<Row> rows) {
        var envelopes = rows.stream().map(row -> json.readTree(row.envelope())).toList();
        var refs = new HashSet<UUID>();
        for (var envelope : envelopes) {
            refs.add(ref(envelope, "actor"));
            refs.add(ref(envelope, "subject"));
        }
        var keys = logs.keys(log, refs);
        var opened = new ArrayList<Opened>(rows.size());
        for (int i = 0; i < rows.size(); i++) opened.add(open(rows.get(i), envelopes.get(i), keys));
        return opened;
    }

    private static UUID ref(JsonNode envelope, String part) {
        return UUID.fromString(envelope.path(part).path("ref").stringValue());
    }

    private Opened open(Row row, JsonNode envelope, Map<UUID, FieldKey> keys) {
        var actor = new Part(envelope, "actor", keys.get(ref(envelope, "actor")));
        var subject = new Part(envelope, "subject", keys.get(ref(envelope, "subject")));
        var members = new LinkedHashMap<String, @Nullable Object>();
        members.put("eventId", row.eventId().toString());
        members.put("sequence", row.sequence());
        members.put("receivedAt", AuditEvent.text(row.receivedAt()));
        clear(members, "tenantId", envelope.get("tenant"));
        actor.put(members, "userId", "user");
        clear(members, "action", envelope.get("action"));
        clear(members, "timestamp", envelope.get("occurred_at"));
        clear(members, "resource", envelope.get("resource"));
        clear(members, "status", envelope.get("outcome"));
        actor.put(members, "ip", "ip");
        actor.put(members, "userAgent", "ua");
        clear(members, "service", envelope.get("service"));
        clear(members, "region", envelope.get("region"));
        clear(members, "traceId", envelope.get("trace"));
        subject.put(members, "subjectId", "id");
        if (envelope.has("categories")) {
            members.put(
                    "dataCategories",
                    envelope.get("categories")
                            .valueStream()
                            .map(JsonNode::stringValue)
                            .toList());
        }
        if (subject.has("details")) {
            var details = subject.open("details");
            members.put("details", details == null ? null : json.readValue(details, Map.class));
        }
        byte[] salt = null;
        if (subject.key() != null && actor.key() != null) {
            var rest = subject.bytes("salt");
            salt = actor.has("salt") ? Sealing.xor(rest, actor.bytes("salt")) : rest;
        }
        if (salt == null) members.put("erased", true);
        return new Opened(row, members, salt);
    }

    private static void clear(Map<String, @Nullable Object> members, String name, @Nullable JsonNode value) {
        if (value != null) members.put(name, value.stringValue());
    }

    /** What one person's key opens of an envelope. */
    private record Part(
            JsonNode envelope, String name, @Nullable FieldKey key) {

        boolean has(String member) {
            return envelope.path(name).has(member);
        }

        void put(Map<String, @Nullable Object> members, String shown, String member) {
            if (has(member)) members.put(shown, open(member));
        }

        @Nullable String open(String member) {
            return key == null ? null : new String(bytes(member), UTF_8);
        }

        byte[] bytes(String member) {
            if (key == null) throw new IllegalStateException("the key is gone");
            return key.open(
                    Base64.getDecoder().decode(envelope.get(name).get(member).stringValue()),
                    envelope.get("tenant").stringValue() + "|"
                            + envelope.get("id").stringValue() + "|" + name + "." + member);
        }
    }

    /** Whether {@code canonical} is the clear event that this envelope was made of; an erased one is taken for any. */
    boolean isOf(TenantLog log, Row row, byte[] canonical) {
        var opened = open(log, List.of(row)).getFirst();
        return opened.salt() == null
                || SealedEvent.plain(opened.salt(), canonical)
                        .equals(json.readTree(row.envelope()).get("plain").stringValue());
    }
}
