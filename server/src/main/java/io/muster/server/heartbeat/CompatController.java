package io.muster.server.heartbeat;

import static io.muster.server.heartbeat.CompatCalls.addCors;
import static io.muster.server.heartbeat.CompatCalls.body;
import static io.muster.server.heartbeat.CompatCalls.isUniqueKey;
import static io.muster.server.heartbeat.CompatCalls.notAllowed;
import static io.muster.server.heartbeat.CompatCalls.ok;
import static io.muster.server.heartbeat.CompatCalls.version;

import io.muster.server.access.BaseUrl;
import io.muster.server.access.Caller;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The management API that clients of Healthchecks know, versions 1 to 3: checks, pause, resume and status. What they have
 * reported is {@link CompatHistory}'s.
 */
@RestController
class CompatController {

    private static final int BATCH = 1_000; // checks in memory at a time

    private final CompatChecks compat;
    private final CompatCalls calls;
    private final CheckRepository checks;
    private final CheckBoard board;
    private final BadgeKeys badgeKeys;
    private final BaseUrl site;
    private final PingUrls pings;
    private final InstantSource clock;
    private final JdbcClient db;
    private final ObjectWriter json;

    CompatController(
            CompatChecks compat,
            CompatCalls calls,
            CheckRepository checks,
            CheckBoard board,
            BadgeKeys badgeKeys,
            BaseUrl site,
            PingUrls pings,
            InstantSource clock,
            JdbcClient db,
            JsonMapper json) {
        this.compat = compat;
        this.calls = calls;
        this.checks = checks;
        this.board = board;
        this.badgeKeys = badgeKeys;
        this.site = site;
        this.pings = pings;
        this.clock = clock;
        this.db = db;
        this.json = json.writer().without(SerializationFeature.FLUSH_AFTER_WRITE_VALUE); // not each check by itself
    }

    @RequestMapping({"/api/{v:v[123]}/checks", "/api/{v:v[123]}/checks/"})
    @Nullable ResponseEntity<?> checks(HttpServletRequest request, HttpServletResponse response) throws IOException {
        return switch (request.getMethod()) {
            case "GET" -> {
                list(request, response);
                yield null; // it is written
            }
            case "POST" -> {
                var body = CompatBody.object(body(request), false);
                var caller = calls.writer(request, body);
                var upserted = compat.upsert(CompatBody.parse(body), version(request) < 3, caller);
                yield ok(upserted.created() ? 201 : 200, shown(upserted.check(), request, caller), request);
            }
            default -> throw notAllowed();
        };
    }

    /** However many there are, a batch is read when the one before it is written; no connection waits for the caller. */
    private void list(HttpServletRequest request, HttpServletResponse response) throws IOException {
        var caller = calls.reader(request);
        var query = Query.parse(request.getQueryString());
        var ids = !calls.seesProject(caller) || query.tags().contains("")
                ? List.<Long>of()
                : checks.idsOf(caller.project(), query.slug(), query.tags());
        var channels = compat.channelIds();
        var now = clock.instant();
        var headers = new HttpHeaders();
        addCors(headers, request);
        headers.forEach((name, values) -> response.setHeader(name, values.getFirst()));
        response.setContentType(MediaType.APPLICATION_JSON_VALUE);
        var out = json.createGenerator(response.getOutputStream()); // is closed only where all was read: see Problems
        out.writeStartObject();
        out.writeArrayPropertyStart("checks");
        for (int from = 0; from < ids.size(); from += BATCH) {
            for (var check : checks.byIds(ids.subList(from, Math.min(ids.size(), from + BATCH)))) {
                json.writeValue(
                        out,
                        CompatCheck.of(
                                check,
                                version(request),
                                caller.mayWrite() ? channels.of(check) : null,
                                now,
                                site,
                                pings));
            }
        }
        out.writeEndArray();
        out.writeEndObject();
        out.close();
    }

    /** @param slug null: any */
    private record Query(@Nullable String slug, List<String> tags) {

        static Query parse(@Nullable String query) {
            if (query == null) return new Query(null, List.of());
            var pairs = Arrays.stream(query.split("&", -1))
                    .map(pair -> pair.split("=", 2))
                    .filter(pair -> pair.length == 2)
                    .toList();
            var slugs = values(pairs, "slug").filter(slug -> !slug.isEmpty()).toList();
            return new Query(
                    slugs.isEmpty() ? null : slugs.getLast(),
                    values(pairs, "tag").toList());
        }

        private static Stream<String> values(List<String[]> pairs, String name) {
            return pairs.stream().filter(pair -> pair[0].equals(name)).map(pair -> PingQuery.decoded(pair[1]));
        }
    }

    @RequestMapping({"/api/{v:v[123]}/checks/{id}", "/api/{v:v[123]}/checks/{id}/"})
    ResponseEntity<?> check(@PathVariable String id, HttpServletRequest request) throws IOException {
        boolean byKey = isUniqueKey(id);
        return switch (request.getMethod()) {
            case "GET" -> {
                var caller = calls.reader(request);
                yield ok(200, shown(calls.own(id, true, caller), request, caller), request);
            }
            case "POST" -> {
                if (byKey) throw notAllowed();
                var body = CompatBody.object(body(request), false);
                var caller = calls.writer(request, body);
                var uuid = calls.ownUuid(id, caller);
                var changes = CompatBody.parse(body);
                yield ok(
                        200,
                        shown(compat.update(uuid, changes, version(request) < 3, caller), request, caller),
                        request);
            }
            case "DELETE" -> {
                if (byKey) throw notAllowed();
                var caller = calls.writer(request, null);
                var deleted = compat.delete(calls.ownUuid(id, caller), caller);
                yield ok(
                        200,
                        CompatCheck.of(deleted, version(request), List.of(), clock.instant(), site, pings),
                        request);
            }
            default -> throw notAllowed();
        };
    }

    @RequestMapping({"/api/{v:v[123]}/checks/{id}/pause", "/api/{v:v[123]}/checks/{id}/pause/"})
    ResponseEntity<?> pause(@PathVariable String id, HttpServletRequest request) throws IOException {
        return act(id, request, true);
    }

    @RequestMapping({"/api/{v:v[123]}/checks/{id}/resume", "/api/{v:v[123]}/checks/{id}/resume/"})
    ResponseEntity<?> resume(@PathVariable String id, HttpServletRequest request) throws IOException {
        return act(id, request, false);
    }

    private ResponseEntity<?> act(String id, HttpServletRequest request, boolean pause) throws IOException {
        return switch (request.getMethod()) {
            case "POST" -> {
                var caller = calls.writer(request, CompatBody.object(body(request), true));
                var uuid = calls.ownUuid(id, caller);
                var check = pause ? compat.pause(uuid) : compat.resume(uuid);
                yield ok(200, shown(check, request, caller), request);
            }
            default -> throw notAllowed();
        };
    }

    /** The addresses of the badges of each tag, and of all checks: {@code *}. */
    @RequestMapping({"/api/{v:v[123]}/badges", "/api/{v:v[123]}/badges/"})
    ResponseEntity<?> badges(HttpServletRequest request) {
        if (!request.getMethod().equals("GET")) throw notAllowed();
        var caller = calls.reader(request);
        var project = calls.project(caller);
        var urls = new LinkedHashMap<String, Map<String, String>>();
        project.ifPresent(own -> {
            urls.put(BadgeKeys.ALL, badgeKeys.urls(own, BadgeKeys.ALL));
            board.tags(own.id()).forEach(tag -> urls.put(tag, badgeKeys.urls(own, tag)));
        });
        return ok(200, Map.of("badges", urls), request);
    }

    @RequestMapping(
            path = {"/api/{v:v[123]}/checks/**", "/api/{v:v[123]}/channels/**", "/api/{v:v[123]}/badges/**"},
            method = RequestMethod.OPTIONS)
    ResponseEntity<?> options(HttpServletRequest request) {
        return ResponseEntity.noContent()
                .headers(headers -> addCors(headers, request))
                .build();
    }

    /** Whether the database answers; for anybody. */
    @RequestMapping({"/api/{v:v[123]}/status", "/api/{v:v[123]}/status/"})
    ResponseEntity<?> status(HttpServletRequest request) {
        return switch (request.getMethod()) {
            case "GET", "HEAD", "OPTIONS" -> {
                db.sql("select 1").query(Integer.class).single();
                yield ResponseEntity.ok().contentType(MediaType.TEXT_PLAIN).body("OK");
            }
            default -> ResponseEntity.status(405).build();
        };
    }

    private Map<String, @Nullable Object> shown(Check check, HttpServletRequest request, Caller caller) {
        var channels = caller.mayWrite() ? compat.channelIds().of(check) : null;
        return CompatCheck.of(check, version(request), channels, clock.instant(), site, pings);
    }
}
