package io.muster.server.heartbeat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.muster.server.access.Access;
import io.muster.server.access.ApiKeys;
import io.muster.server.access.Project;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/**
 * The checks of a project for Prometheus, with the names and labels that dashboards for Healthchecks know. The key only
 * reads: it stands in the configuration of a scraper.
 *
 * @see <a href="https://prometheus.io/docs/instrumenting/exposition_formats/">exposition formats</a>
 */
@RestController
class CompatMetrics {

    private static final int BATCH = 5_000; // checks read at a time

    private final CheckRepository checks;
    private final CompatCalls calls;
    private final ApiKeys keys;
    private final Access access;
    private final InstantSource clock;

    CompatMetrics(CheckRepository checks, CompatCalls calls, ApiKeys keys, Access access, InstantSource clock) {
        this.checks = checks;
        this.calls = calls;
        this.keys = keys;
        this.access = access;
        this.clock = clock;
    }

    @GetMapping({"/projects/{uuid}/metrics/{key}", "/projects/{uuid}/checks/metrics/{key}"})
    void byAddress(@PathVariable String uuid, @PathVariable String key, HttpServletResponse response)
            throws IOException {
        answer(uuid, key, response);
    }

    @GetMapping({"/projects/{uuid}/metrics", "/projects/{uuid}/metrics/"})
    void byBearer(@PathVariable String uuid, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        answer(uuid, ApiKeys.bearer(request).orElse(null), response);
    }

    private void answer(String uuid, @Nullable String key, HttpServletResponse response) throws IOException {
        response.setContentType("text/plain; version=0.0.4; charset=utf-8");
        response.setHeader("Cache-Control", "no-store");
        if (key == null) {
            response.setHeader("WWW-Authenticate", "Bearer realm=\"Muster\"");
            refuse(response, HttpServletResponse.SC_UNAUTHORIZED, "missing api key");
        } else if (key.length() != CompatCalls.LENGTH_OF_A_KEY) {
            refuse(response, HttpServletResponse.SC_BAD_REQUEST, "an api key has 32 characters");
        } else {
            var project = project(uuid, key);
            if (project.isEmpty()) {
                refuse(response, HttpServletResponse.SC_FORBIDDEN, "not a read-only api key of this project");
                return;
            }
            var out = new BufferedWriter(new OutputStreamWriter(response.getOutputStream(), UTF_8));
            write(project.get(), clock.instant(), out);
            out.close(); // only where all was read: a page that ends early would look whole
        }
    }

    /** The project with this uuid, if the key is one of its own and only reads. */
    private Optional<Project> project(String uuid, String key) {
        var caller = keys.find(key).filter(found -> !found.mayWrite());
        caller.ifPresent(access::become);
        return caller.flatMap(calls::project)
                .filter(project -> project.uuid().toString().equals(uuid));
    }

    private static void refuse(HttpServletResponse response, int status, String why) throws IOException {
        response.setStatus(status);
        response.getOutputStream().write(why.getBytes(UTF_8));
    }

    /** What is told of a check: its labels, about 150 bytes, and what it is. */
    private record Told(String labels, CheckStatus is, boolean started) {}

    /** One reading of all checks; their metrics come one after the other. */
    private void write(Project project, Instant now, Writer out) throws IOException {
        var all = new ArrayList<Told>();
        var tags = new TreeMap<String, Boolean>();
        List<Check> batch = List.of();
        do {
            batch = checks.behind(batch.isEmpty() ? 0 : batch.getLast().id(), project.id(), BATCH);
            for (var check : batch) {
                var is = check.at(now);
                all.add(new Told(labels(check), is, check.isStarted()));
                check.tags().forEach(tag -> tags.merge(tag, is != CheckStatus.DOWN, Boolean::logicalAnd));
            }
        } while (batch.size() == BATCH);
        gauge("hc_check_up", "0 when the check is down, otherwise 1.", all, out, told -> told.is != CheckStatus.DOWN);
        gauge("hc_check_started", "1 while a run of the check is on.", all, out, Told::started);
        gauge(
                "hc_check_grace",
                "1 while the check is late, within its grace.",
                all,
                out,
                told -> told.is == CheckStatus.GRACE);
        gauge("hc_check_paused", "1 while the check is paused.", all, out, told -> told.is == CheckStatus.PAUSED);
        write(tags, out);
        single("hc_checks_total", "How many checks there are.", all.size(), out);
        single(
                "hc_checks_down_total",
                "How many of them are down.",
                all.stream().filter(told -> told.is == CheckStatus.DOWN).count(),
                out);
    }

    private static String labels(Check check) {
        return "{name=\"" + escaped(check.name()) + "\", tags=\""
                + escaped(check.settings().tags()) + "\", unique_key=\"" + check.uniqueKey() + "\"} ";
    }

    private static void gauge(String name, String help, List<Told> all, Writer out, Predicate<Told> isOne)
            throws IOException {
        head(name, help, out);
        for (var told : all) out.write(name + told.labels + (isOne.test(told) ? 1 : 0) + "\n");
        out.write("\n");
    }

    private static void write(SortedMap<String, Boolean> tags, Writer out) throws IOException {
        head("hc_tag_up", "0 when a check with this tag is down, otherwise 1.", out);
        for (var tag : tags.entrySet()) {
            out.write("hc_tag_up{tag=\"" + escaped(tag.getKey()) + "\"} " + (tag.getValue() ? 1 : 0) + "\n");
        }
        out.write("\n");
    }

    private static void single(String name, String help, long value, Writer out) throws IOException {
        head(name, help, out);
        out.write(name + " " + value + "\n\n");
    }

    private static void head(String name, String help, Writer out) throws IOException {
        out.write("# HELP " + name + " " + help + "\n# TYPE " + name + " gauge\n");
    }

    private static String escaped(String label) {
        return label.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
