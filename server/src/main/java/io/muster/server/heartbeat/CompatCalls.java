package io.muster.server.heartbeat;

import io.muster.server.access.Access;
import io.muster.server.access.ApiKeys;
import io.muster.server.access.Caller;
import io.muster.server.access.Project;
import io.muster.server.access.Projects;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/**
 * What all calls of the compatible API have in common: who calls, about which check, and what answers look like. Keys are
 * read here, for the order of errors is fixed: broken body, missing key, wrong key, unknown check, invalid member.
 */
@Component
class CompatCalls {

    private static final int LONGEST_BODY = 1 << 20;
    static final int LENGTH_OF_A_KEY = 32;
    private static final Pattern UNIQUE_KEY = Pattern.compile("[0-9a-f]{40}");

    private final CheckRepository checks;
    private final Projects projects;
    private final ApiKeys keys;
    private final Access access;

    CompatCalls(CheckRepository checks, Projects projects, ApiKeys keys, Access access) {
        this.checks = checks;
        this.projects = projects;
        this.keys = keys;
        this.access = access;
    }

    Caller reader(HttpServletRequest request) {
        return caller(request, null);
    }

    Caller writer(HttpServletRequest request, @Nullable ObjectNode body) {
        var caller = caller(request, body);
        if (!caller.mayWrite()) throw new CompatError(401, "wrong api key");
        return caller;
    }

    /** The key of the header, else of the bearer, else of the body. */
    private Caller caller(HttpServletRequest request, @Nullable ObjectNode body) {
        var key = ApiKeys.sent(request).orElse(null);
        var inBody = body == null ? null : body.get("api_key");
        if (key == null && inBody != null && inBody.isString()) key = inBody.stringValue();
        if (key == null || key.length() != LENGTH_OF_A_KEY) throw new CompatError(401, "missing api key");
        var caller = keys.find(key).orElseThrow(() -> new CompatError(401, "wrong api key"));
        access.become(caller);
        return caller;
    }

    /** The check with this uuid or, where {@code uniqueKeyToo}, this unique key. */
    Check own(String id, boolean uniqueKeyToo, Caller caller) {
        return own(
                isUniqueKey(id)
                        ? Optional.of(id).filter(_ -> uniqueKeyToo).flatMap(checks::byUniqueKey)
                        : PingPath.uuid(id).flatMap(checks::byUuid),
                caller);
    }

    UUID ownUuid(String id, Caller caller) {
        return own(id, false, caller).uuid().value();
    }

    private Check own(Optional<Check> found, Caller caller) {
        var check = found.orElseThrow(() -> new CompatError(404, "not found"));
        if (!seesProject(caller)) throw new CompatError(404, "not found");
        if (!check.project().equals(caller.project())) throw new CompatError(403, "this check is of another project");
        return check;
    }

    /** A key of a tenant sees the checks of that tenant's project only. */
    boolean seesProject(Caller caller) {
        return caller.tenant() == null || project(caller).isPresent();
    }

    /** The caller's project, unless it is not one of the caller's tenant. */
    Optional<Project> project(Caller caller) {
        return projects.find(caller.project())
                .filter(project -> caller.tenant() == null || caller.tenant().equals(project.tenant()));
    }

    static byte[] body(HttpServletRequest request) throws IOException {
        var bytes = request.getInputStream().readNBytes(LONGEST_BODY + 1);
        if (bytes.length > LONGEST_BODY) throw new CompatError(413, "the request body is too large");
        return bytes;
    }

    /** The members of a query string; of those with one name the last. */
    static Map<String, String> query(@Nullable String query) {
        if (query == null) return Map.of();
        var members = new HashMap<String, String>();
        for (var pair : query.split("&", -1)) {
            var parts = pair.split("=", 2);
            if (parts.length == 2) members.put(PingQuery.decoded(parts[0]), PingQuery.decoded(parts[1]));
        }
        return members;
    }

    static boolean isUniqueKey(String id) {
        return UNIQUE_KEY.matcher(id).matches();
    }

    static int version(HttpServletRequest request) {
        return request.getRequestURI().charAt("/api/v".length()) - '0';
    }

    static CompatError notAllowed() {
        return new CompatError(405, "method not allowed");
    }

    static ResponseEntity<?> ok(int status, Object json, HttpServletRequest request) {
        return ResponseEntity.status(status)
                .headers(headers -> addCors(headers, request))
                .contentType(MediaType.APPLICATION_JSON)
                .body(json);
    }

    static void addCors(HttpHeaders headers, HttpServletRequest request) {
        headers.set(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        headers.set(HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS, "X-Api-Key");
        headers.set(HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS, methods(request) + ", OPTIONS");
        headers.set(HttpHeaders.ACCESS_CONTROL_MAX_AGE, "600");
    }

    /** What the address takes besides OPTIONS. */
    static String methods(HttpServletRequest request) {
        var path = request.getRequestURI().split("/"); // "", api, v3, checks, id, pause
        if (!path[3].equals("checks")) return "GET";
        return switch (path.length) {
            case 4 -> "GET, POST";
            case 5 -> isUniqueKey(path[4]) ? "GET" : "GET, POST, DELETE";
            default -> path[5].equals("pause") || path[5].equals("resume") ? "POST" : "GET";
        };
    }
}
