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

    private static final int BATCH = 5_000; // checks in memory at a time

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
            try (var out = new BufferedWriter(new OutputStreamWriter(response.getOutputStream(), UTF_8))) {
                write(project.get(), clock.instant(), out);
            }
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

    /** One metric after the other, so each reads all checks again. */
    private void write(Project project, Instant now, Writer out) throws IOException {
        var tags = new TreeMap<String, Boolean>();
        long[] count = {0, 0};
        gauge("hc_check_up", "0 when the check is down, otherwise 1.", project, out, check -> {
            boolean up = check.at(now) != CheckStatus.DOWN;
            count[0]++;
            if (!up) count[1]++;
            check.tags().forEach(tag -> tags.merge(tag, up, Boolean::logicalAnd));
            return up;
        });
        gauge("hc_check_started", "1 while a run of the check is on.", project, out, Check::isStarted);
        gauge(
                "hc_check_grace",
                "1 while the check is late, within its grace.",
                project,
                out,
                check -> check.at(now) == CheckStatus.GRACE);
        gauge(
                "hc_check_paused",
                "1 while the check is paused.",
                project,
                out,
                check -> check.at(now) == CheckStatus.PAUSED);
        write(tags, out);
        single("hc_checks_total", "How many checks there are.", count[0], out);
        single("hc_checks_down_total", "How many of them are down.", count[1], out);
    }

    private void gauge(String name, String help, Project project, Writer out, Predicate<Check> isOne)
            throws IOException {
        head(name, help, out);
        List<Check> batch = List.of();
        do {
            batch = checks.behind(batch.isEmpty() ? 0 : batch.getLast().id(), project.id(), BATCH);
            for (var check : batch) {
                out.write(name + "{name=\"" + escaped(check.name()) + "\", tags=\""
                        + escaped(check.settings().tags()) + "\", unique_key=\"" + check.uniqueKey() + "\"} "
                        + (isOne.test(check) ? 1 : 0) + "\n");
            }
        } while (batch.size() == BATCH);
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
