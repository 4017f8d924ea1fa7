package io.muster.server.access;

import static org.springframework.http.HttpMethod.DELETE;
import static org.springframework.http.HttpMethod.GET;
import static org.springframework.http.HttpMethod.HEAD;
import static org.springframework.http.HttpMethod.PATCH;
import static org.springframework.http.HttpMethod.POST;
import static org.springframework.http.HttpMethod.PUT;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Set;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.PathContainer;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/** Who may do what, by method and path: the first rule that fits, stands. */
final class Rights {

    /** What a caller must be. */
    enum Need {
        /** Anybody: what asks for its own credential, or needs none. */
        OPEN,
        /** Any key, any account; a key with a tenant sees that tenant's things only. */
        READ,
        /** A key that may write, of no tenant. */
        WRITE,
        /** A key that may write; one of a tenant too, for that tenant's audit events. */
        APPEND,
        /** An account, or the admin's key. */
        ADMIN;

        boolean permits(Caller caller) {
            return switch (this) {
                case OPEN -> true;
                case READ -> caller.kind() != Caller.Kind.NOBODY;
                case WRITE -> caller.admin() || caller.mayWrite();
                case APPEND -> caller.mayAppend();
                case ADMIN -> caller.admin();
            };
        }
    }

    private record Rule(Set<HttpMethod> methods, PathPattern path, Need need) {}

    private static final Set<HttpMethod> ANY = Set.of();
    private static final Set<HttpMethod> LOOK = Set.of(GET, HEAD);
    private static final Set<HttpMethod> CHANGE = Set.of(POST, PUT, PATCH, DELETE);

    private static final List<Rule> RULES = List.of(
            rule(ANY, "/ping/**", Need.OPEN),
            rule(ANY, "/fail/**", Need.OPEN),
            rule(ANY, "/badge/**", Need.OPEN),
            rule(ANY, "/b/**", Need.OPEN),
            rule(ANY, "/sign-in", Need.OPEN),
            rule(LOOK, "/assets/**", Need.OPEN),
            rule(LOOK, "/problems/**", Need.OPEN),
            rule(LOOK, "/favicon.ico", Need.OPEN),
            rule(LOOK, "/actuator/health/alerts", Need.ADMIN), // names channels
            rule(LOOK, "/actuator/health/**", Need.OPEN),
            // the Healthchecks-compatible API reads its keys by itself, in its own order and with its own errors
            rule(ANY, "/api/{version:v[123]}/checks/**", Need.OPEN),
            rule(ANY, "/api/{version:v[123]}/channels/**", Need.OPEN),
            rule(ANY, "/api/{version:v[123]}/badges/**", Need.OPEN),
            rule(ANY, "/api/{version:v[123]}/metrics/**", Need.OPEN),
            rule(ANY, "/api/{version:v[123]}/status/**", Need.OPEN),
            rule(ANY, "/projects/*/metrics/**", Need.OPEN),
            rule(ANY, "/projects/*/checks/metrics/**", Need.OPEN),
            // ours
            rule(ANY, "/api/v1/keys/**", Need.ADMIN),
            rule(ANY, "/sign-out", Need.READ),
            rule(ANY, "/api/v1/sign-in-links/**", Need.ADMIN),
            rule(CHANGE, "/api/v1/jobs/**", Need.WRITE),
            rule(Set.of(POST), "/api/v1/audit/events", Need.APPEND),
            rule(LOOK, "/api/v1/**", Need.READ),
            rule(LOOK, "/logs/**", Need.READ),
            rule(LOOK, "/audit/**", Need.READ), // a tenant's key sees its own trail
            rule(LOOK, "/v3/api-docs/**", Need.READ),
            rule(LOOK, "/actuator/prometheus", Need.READ));

    /** What is named nowhere above: the rest of the API, and all pages. */
    static Need of(HttpServletRequest request) {
        return of(HttpMethod.valueOf(request.getMethod()), request.getRequestURI());
    }

    static Need of(HttpMethod method, String path) {
        var parsed = PathContainer.parsePath(path);
        return RULES.stream()
                .filter(rule -> rule.methods().isEmpty() || rule.methods().contains(method))
                .filter(rule -> rule.path().matches(parsed))
                .map(Rule::need)
                .findFirst()
                .orElse(Need.ADMIN);
    }

    private static Rule rule(Set<HttpMethod> methods, String path, Need need) {
        return new Rule(methods, PathPatternParser.defaultInstance.parse(path), need);
    }

    private Rights() {}
}
