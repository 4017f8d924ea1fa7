package io.muster.server.heartbeat;

import io.muster.server.access.Access;
import io.muster.server.access.ApiKeys;
import io.muster.server.access.BaseUrl;
import io.muster.server.access.Caller;
import io.muster.server.access.Projects;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.node.ObjectNode;

/**
 * The management API that clients of Healthchecks know, versions 1 to 3: checks, pause, resume and status. It reads its
 * keys by itself, for the order of its errors is fixed: broken body, missing key, wrong key, unknown check, invalid member.
 */
@RestController
class CompatController {

    private static final int LONGEST_BODY = 1 << 20;
    private static final int LENGTH_OF_A_KEY = 32;
    private static final Pattern UNIQUE_KEY = Pattern.compile("[0-9a-f]{40}");

    private final CompatChecks compat;
    private final CheckRepository checks;
    private final Projects projects;
    private final ApiKeys keys;
    private final Access access;
    private final BaseUrl site;
    private final InstantSource clock;
    private final JdbcClient db;

    CompatController(
            CompatChecks compat,
            CheckRepository checks,
            Projects projects,
            ApiKeys keys,
            Access access,
            BaseUrl site,
            InstantSource clock,
            JdbcClient db) {
        this.compat = compat;
        this.checks = checks;
        this.projects = projects;
        this.keys = keys;
        this.access = access;
        this.site = site;
        this.clock = clock;
        this.db = db;
    }

    @RequestMapping({"/api/{v:v[123]}/checks", "/api/{v:v[123]}/checks/"})
    ResponseEntity<?> checks(HttpServletRequest request) throws IOException {
        return switch (request.getMethod()) {
            case "GET" -> ok(200, list(request), request);
            case "POST" -> {
                var body = CompatBody.object(body(request), false);
                var caller = writer(request, body);
                var upserted = compat.upsert(CompatBody.parse(body), version(request) < 3, caller);
                yield ok(upserted.created() ? 201 : 200, shown(upserted.check(), request, caller), request);
            }
            default -> throw notAllowed();
        };
    }

    private Map<String, Object> list(HttpServletRequest request) {
        var caller = reader(request);
        var query = Query.parse(request.getQueryString());
        if (!seesProject(caller) || query.tags().contains("")) return Map.of("checks", List.of());
        var ids = compat.channelIds();
        var now = clock.instant();
        return Map.of(
                "checks",
                checks.ofProject(caller.project(), query.slug(), query.tags()).stream()
                        .map(check -> CompatCheck.of(
                                check, version(request), caller.mayWrite() ? ids.of(check) : null, now, site))
                        .toList());
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
        boolean byKey = UNIQUE_KEY.matcher(id).matches();
        return switch (request.getMethod()) {
            case "GET" -> {
                var caller = reader(request);
                var found = byKey ? checks.byUniqueKey(id) : PingPath.uuid(id).flatMap(checks::byUuid);
                yield ok(200, shown(own(found, caller), request, caller), request);
            }
            case "POST" -> {
                if (byKey) throw notAllowed();
                var body = CompatBody.object(body(request), false);
                var caller = writer(request, body);
                var uuid = ownUuid(id, caller);
                var changes = CompatBody.parse(body);
                yield ok(
                        200,
                        shown(compat.update(uuid, changes, version(request) < 3, caller), request, caller),
                        request);
            }
            case "DELETE" -> {
                if (byKey) throw notAllowed();
                var caller = writer(request, null);
                var deleted = compat.delete(ownUuid(id, caller), caller);
                yield ok(200, CompatCheck.of(deleted, version(request), List.of(), clock.instant(), site), request);
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
                var caller = writer(request, CompatBody.object(body(request), true));
                var uuid = ownUuid(id, caller);
                var check = pause ? compat.pause(uuid) : compat.resume(uuid);
                yield ok(200, shown(check, request, caller), request);
            }
            default -> throw notAllowed();
        };
    }

    @RequestMapping(path = "/api/{v:v[123]}/checks/**", method = RequestMethod.OPTIONS)
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
        return CompatCheck.of(check, version(request), channels, clock.instant(), site);
    }

    private Caller reader(HttpServletRequest request) {
        return caller(request, null);
    }

    private Caller writer(HttpServletRequest request, @Nullable ObjectNode body) {
        var caller = caller(request, body);
        if (!caller.mayWrite()) throw new CompatError(401, "wrong api key");
        return caller;
    }

    /** The key of the header, else of the bearer, else of the body. */
    private Caller caller(HttpServletRequest request, @Nullable ObjectNode body) {
        var key = request.getHeader("X-Api-Key");
        var authorization = request.getHeader(HttpHeaders.AUTHORIZATION);
        if (key == null && authorization != null && authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
            key = authorization.substring(7).strip();
        }
        var inBody = body == null ? null : body.get("api_key");
        if (key == null && inBody != null && inBody.isString()) key = inBody.stringValue();
        if (key == null || key.length() != LENGTH_OF_A_KEY) throw new CompatError(401, "missing api key");
        var caller = keys.find(key).orElseThrow(() -> new CompatError(401, "wrong api key"));
        access.become(caller);
        return caller;
    }

    private UUID ownUuid(String id, Caller caller) {
        return own(PingPath.uuid(id).flatMap(checks::byUuid), caller).uuid().value();
    }

    private Check own(Optional<Check> found, Caller caller) {
        var check = found.orElseThrow(() -> new CompatError(404, "not found"));
        if (!seesProject(caller)) throw new CompatError(404, "not found");
        if (!check.project().equals(caller.project())) throw new CompatError(403, "this check is of another project");
        return check;
    }

    /** A key of a tenant sees the checks of that tenant's project only. */
    private boolean seesProject(Caller caller) {
        var tenant = caller.tenant();
        return tenant == null
                || projects.find(caller.project())
                        .filter(project -> tenant.equals(project.tenant()))
                        .isPresent();
    }

    private static byte[] body(HttpServletRequest request) throws IOException {
        var bytes = request.getInputStream().readNBytes(LONGEST_BODY + 1);
        if (bytes.length > LONGEST_BODY) throw new CompatError(413, "the request body is too large");
        return bytes;
    }

    private static int version(HttpServletRequest request) {
        return request.getRequestURI().charAt("/api/v".length()) - '0';
    }

    private static CompatError notAllowed() {
        return new CompatError(405, "method not allowed");
    }

    private static ResponseEntity<?> ok(int status, Object json, HttpServletRequest request) {
        return ResponseEntity.status(status)
                .headers(headers -> addCors(headers, request))
                .contentType(MediaType.APPLICATION_JSON)
                .body(json);
    }

    private static void addCors(HttpHeaders headers, HttpServletRequest request) {
        headers.set(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        headers.set(HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS, "X-Api-Key");
        headers.set(HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS, methods(request) + ", OPTIONS");
        headers.set(HttpHeaders.ACCESS_CONTROL_MAX_AGE, "600");
    }

    /** What the address takes besides OPTIONS. */
    private static String methods(HttpServletRequest request) {
        var path = request.getRequestURI().split("/"); // "", api, v3, checks, id, pause
        if (path.length > 5) return "POST";
        if (path.length < 5) return "GET, POST";
        return UNIQUE_KEY.matcher(path[4]).matches() ? "GET" : "GET, POST, DELETE";
    }

    @ExceptionHandler
    ResponseEntity<?> handle(CompatError error, HttpServletRequest request) {
        var answer = ok(error.status(), Map.of("error", String.valueOf(error.getMessage())), request);
        if (error.status() != 405) return answer;
        return ResponseEntity.status(405)
                .headers(answer.getHeaders())
                .header(HttpHeaders.ALLOW, methods(request) + ", OPTIONS")
                .body(answer.getBody());
    }
}
