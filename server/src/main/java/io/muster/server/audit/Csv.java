package io.muster.server.audit;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Events as a table.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc4180">RFC 4180</a>
 */
final class Csv {

    static final List<String> COLUMNS = List.of(
            "sequence",
            "receivedAt",
            "timestamp",
            "eventId",
            "tenantId",
            "userId",
            "action",
            "resource",
            "status",
            "ip",
            "userAgent",
            "service",
            "region",
            "traceId",
            "subjectId",
            "dataCategories",
            "details",
            "erased");

    private Csv() {}

    static String text(@Nullable Object value) {
        return switch (value) {
            case null -> "";
            case List<?> items -> items.stream().map(String::valueOf).collect(Collectors.joining(" "));
            default -> value.toString();
        };
    }

    /**
     * Quoted where it must be. What a spreadsheet would take for a formula gets an apostrophe in front, which makes it text.
     *
     * @see <a href="https://owasp.org/www-community/attacks/CSV_Injection">OWASP, CSV injection</a>
     */
    static String cell(String text) {
        if (text.isEmpty()) return text;
        var safe = "=+-@\t\r\n".indexOf(text.charAt(0)) < 0 ? text : "'" + text;
        boolean quoted = safe.chars().anyMatch(c -> c == '"' || c == ',' || c == '\n' || c == '\r');
        return quoted ? "\"" + safe.replace("\"", "\"\"") + "\"" : safe;
    }
}
