package io.muster.server.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.muster.server.access.Access;
import io.muster.server.audit.EventPlaces.Span;
import io.muster.server.problem.Problem;
import io.muster.server.problem.Refused;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/**
 * All events that fit, as a stream of any length: a hundred at a time, each hundred in a transaction of its own. What fails midway breaks
 * the connection, so that what has arrived does not look whole.
 */
@RestController
class ExportController {

    /** How many events are coming at most: those of the time that was asked for. */
    static final String AT_MOST = "Muster-Events-At-Most";

    private static final int AT_ONCE = 4;
    private static final int BATCH = 100;

    private final Access access;
    private final AuditSearch search;
    private final ReadingRecord record;
    private final InstantSource clock;
    private final JsonMapper json;
    private final Semaphore room = new Semaphore(AT_ONCE);

    ExportController(Access access, AuditSearch search, ReadingRecord record, InstantSource clock, JsonMapper json) {
        this.access = access;
        this.search = search;
        this.record = record;
        this.clock = clock;
        this.json = json;
    }

    /** How an event is written; {@code begin} is what stands above all. */
    private interface Form {
        String begin();

        String line(Map<String, @Nullable Object> event);
    }

    @GetMapping(path = "/api/v1/audit/export", params = "format!=zip")
    void export(HttpServletRequest request, HttpServletResponse response) throws IOException {
        var caller = access.caller();
        var query = AuditQuery.of(request.getParameterMap(), Set.of("format"), caller.tenant(), clock.instant());
        var formats = request.getParameterValues("format");
        var format = formats == null ? "ndjson" : String.join(",", formats);
        var form = switch (format) {
            case "ndjson" -> ndjson();
            case "csv" -> csv();
            default -> throw new Refused("format", "must be ndjson, csv or zip; got " + Refused.shown(format));
        };
        var logs = search.logs(caller, query.tenant());
        if (!room.tryAcquire()) {
            throw Problem.busy(Duration.ofSeconds(30), "Other exports are being made: try again in half a minute.");
        }
        try {
            long atMost = logs.stream()
                    .map(log -> search.span(log, query))
                    .mapToLong(Span::size)
                    .sum();
            record.exported(caller, query, format, atMost);
            response.setContentType(format.equals("csv") ? "text/csv;charset=UTF-8" : "application/x-ndjson");
            response.setHeader("Cache-Control", "no-store");
            response.setHeader(AT_MOST, Long.toString(atMost));
            response.setHeader(
                    "Content-Disposition", "attachment; filename=\"audit-" + query.tenant() + "." + format + "\"");
            write(logs, query, form, response);
        } finally {
            room.release();
        }
    }

    private void write(List<TenantLog> logs, AuditQuery query, Form form, HttpServletResponse response)
            throws IOException {
        var out = new BufferedWriter(new OutputStreamWriter(response.getOutputStream(), UTF_8), 1 << 15);
        out.write(form.begin());
        for (var log : logs) {
            var walk = search.walk(log, query, Long.MAX_VALUE);
            while (walk.isPresent() && !walk.get().ended()) {
                for (var event : walk.get().next(BATCH)) out.write(form.line(event.members()));
                out.flush(); // a caller who is gone is noticed here
            }
        }
        out.flush();
    }

    private Form ndjson() {
        return new Form() {
            @Override
            public String begin() {
                return "";
            }

            @Override
            public String line(Map<String, @Nullable Object> event) {
                return json.writeValueAsString(event) + "\n";
            }
        };
    }

    private Form csv() {
        return new Form() {
            @Override
            public String begin() {
                return String.join(",", Csv.COLUMNS) + "\r\n";
            }

            @Override
            public String line(Map<String, @Nullable Object> event) {
                var cells = new ArrayList<String>(Csv.COLUMNS.size());
                for (var column : Csv.COLUMNS) {
                    var value = event.get(column);
                    cells.add(Csv.cell(value instanceof Map<?, ?> ? json.writeValueAsString(value) : Csv.text(value)));
                }
                return String.join(",", cells) + "\r\n";
            }
        };
    }
}
