package io.muster.client;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An event as it is sent. */
final class Encoding {
    /** In {@code details}: which sender numbered the event, and how. */
    static final String SOURCE = "_source";

    /** In {@code details}: why there is nothing else. */
    static final String CUT = "_cut";

    /** Bytes of an event, by the API's contract. */
    static final int LARGEST = 256 * 1024;

    /** Levels of an event, by the API's contract, less those of itself and of {@code details}. */
    private static final int LEVELS_OF_A_DETAIL = 14;

    private Encoding() {}

    static byte[] of(AuditEvent event, Source.Number number) {
        String cut;
        try {
            var bytes = encode(event, number, event.details());
            if (bytes.length <= LARGEST) {
                return bytes;
            }
            cut = "the event had " + bytes.length + " bytes; " + LARGEST + " are allowed";
        } catch (Json.TooDeep tooDeep) {
            cut = "they were too deep";
        } catch (RuntimeException changed) { // the event was sound when it was made
            cut = "they changed while they were read";
        }
        return encode(event, number, Map.of(CUT, cut));
    }

    private static byte[] encode(AuditEvent event, Source.Number number, Map<String, ?> details) {
        var out = new StringBuilder(512).append('{');
        member(out, "eventId", event.eventId());
        member(out, "tenantId", event.tenantId());
        member(out, "action", event.action());
        member(out, "timestamp", event.timestamp());
        member(out, "status", event.status());
        member(out, "userId", event.userId());
        member(out, "resource", event.resource());
        member(out, "ip", event.ip());
        member(out, "userAgent", event.userAgent());
        member(out, "service", event.service());
        member(out, "region", event.region());
        member(out, "traceId", event.traceId());
        member(out, "subjectId", event.subjectId());
        member(out, "dataCategories", event.dataCategories().isEmpty() ? null : event.dataCategories());
        out.append("\"details\":{\"").append(SOURCE).append("\":{\"id\":\"").append(number.source());
        out.append("\",\"seq\":").append(number.seq()).append('}');
        details.forEach((name, value) -> {
            out.append(',');
            Json.name(out, name);
            Json.write(out, value, LEVELS_OF_A_DETAIL);
        });
        return out.append("}}").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void member(StringBuilder out, String name, @Nullable Object value) {
        if (value != null) {
            out.append('"').append(name).append("\":");
            Json.write(out, value, 1);
            out.append(',');
        }
    }
}
