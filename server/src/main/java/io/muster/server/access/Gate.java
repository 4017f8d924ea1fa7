package io.muster.server.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.muster.server.access.AccessEvent.Status;
import io.muster.server.access.Rights.Need;
import io.muster.server.problem.Problem;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URLEncoder;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpStatus;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.security.web.csrf.DefaultCsrfToken;
import org.springframework.transaction.TransactionException;
import org.springframework.web.filter.OncePerRequestFilter;

/** Every request passes here: who is calling, and may they do this. */
class Gate extends OncePerRequestFilter {

    private static final int LONGEST_USER_AGENT = 500;
    private static final int LONGEST_RESOURCE = 300;

    private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS", "TRACE");
    private static final String HEALTH = "/actuator/health";
    private static final String CSRF_PARAMETER = "_csrf";
    private static final String CSRF_HEADER = "X-CSRF-Token";

    private final Access access;
    private final ApiKeys keys;
    private final AdminKey adminKey;
    private final Sessions sessions;
    private final AccessRecord record;
    private final InstantSource clock;

    Gate(Access access, ApiKeys keys, AdminKey adminKey, Sessions sessions, AccessRecord record, InstantSource clock) {
        this.access = access;
        this.keys = keys;
        this.adminKey = adminKey;
        this.sessions = sessions;
        this.record = record;
        this.clock = clock;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        var need = Rights.of(request);
        var nobody = nobody(request);
        access.become(nobody);
        if (need == Need.OPEN) {
            if (request.getRequestURI().startsWith(HEALTH))
                admin(request, nobody).ifPresent(access::become);
            chain.doFilter(request, response);
            return;
        }
        var key = ApiKeys.sent(request);
        var session = key.isPresent() ? Optional.<String>empty() : SessionCookie.token(request);
        var caller = key.isPresent() ? byKey(key.get(), nobody) : session.flatMap(token -> bySession(token, nobody));
        if (caller.isEmpty()) {
            challenge(request, response, key, nobody);
            return;
        }
        access.become(caller.get(), session.orElse(null));
        if (session.isPresent()) refuseForgery(request, session.get(), caller.get());
        if (!need.permits(caller.get())) {
            record.refused("access.refused", resource(request), Status.DENIED, caller.get(), Map.of());
            throw Problem.forbidden(
                    need == Need.WRITE
                            ? "This key only reads: take one that may write."
                            : "Only an admin may do this.");
        }
        chain.doFilter(request, response);
    }

    /** Who reads the details of health: most of all while there is no database to ask, so this server's own key needs none. */
    private Optional<Caller> admin(HttpServletRequest request, Caller nobody) {
        var key = ApiKeys.sent(request);
        if (key.isPresent() && adminKey.is(key.get())) return Optional.of(AdminKey.caller(nobody));
        try {
            return key.isPresent()
                    ? byKey(key.get(), nobody)
                    : SessionCookie.token(request).flatMap(token -> bySession(token, nobody));
        } catch (DataAccessException | TransactionException away) {
            return Optional.empty();
        }
    }

    private Optional<Caller> byKey(String key, Caller from) {
        return keys.find(key, from.ip(), from.userAgent());
    }

    private Optional<Caller> bySession(String token, Caller from) {
        return sessions.find(token, clock.instant()).map(person -> SignIn.person(person.email(), from));
    }

    /** People are shown where to sign in, programs are told what to send. */
    private void challenge(
            HttpServletRequest request, HttpServletResponse response, Optional<String> key, Caller nobody)
            throws IOException {
        if (key.isPresent()) {
            var prefix = ApiKeys.FORM.matcher(key.get()).matches() ? ApiKeys.prefix(key.get()) : "";
            record.refused("key.refused", resource(request), Status.DENIED, nobody, Map.of("prefix", prefix));
        } else if (READING.contains(request.getMethod()) && wantsPage(request)) {
            var path =
                    request.getRequestURI() + (request.getQueryString() == null ? "" : "?" + request.getQueryString());
            response.setStatus(HttpStatus.SEE_OTHER.value());
            response.setHeader(
                    "Location", path.equals("/") ? "/sign-in" : "/sign-in?to=" + URLEncoder.encode(path, UTF_8));
            return;
        }
        response.setHeader("WWW-Authenticate", "Bearer realm=\"Muster\"");
        throw new Problem(
                HttpStatus.UNAUTHORIZED,
                "unauthorized",
                key.isPresent()
                        ? "This API key is unknown, deleted or expired."
                        : "Send an API key as `Authorization: Bearer KEY` or `X-Api-Key: KEY`, or sign in at /sign-in.");
    }

    private static boolean wantsPage(HttpServletRequest request) {
        var accept = request.getHeader("Accept");
        return accept != null
                && accept.contains("text/html")
                && !request.getRequestURI().startsWith("/api/");
    }

    /** A session's cookie is sent by the browser whoever made the form; only our own pages know the token. */
    private void refuseForgery(HttpServletRequest request, String session, Caller caller) {
        request.setAttribute(
                CsrfToken.class.getName(), new DefaultCsrfToken(CSRF_HEADER, CSRF_PARAMETER, access.csrf()));
        if (READING.contains(request.getMethod())) return;
        var sent = request.getHeader(CSRF_HEADER);
        if (!access.isCsrf(session, sent == null ? request.getParameter(CSRF_PARAMETER) : sent)) {
            record.refused("access.refused", resource(request), Status.DENIED, caller, Map.of("by", "csrf"));
            throw new Problem(
                    HttpStatus.FORBIDDEN, "csrf", "This was not sent by a page of this session: load the page again.");
        }
    }

    /** Without the query, and cut: it goes on record. */
    private static String resource(HttpServletRequest request) {
        var path = request.getRequestURI();
        return request.getMethod() + " " + path.substring(0, Math.min(path.length(), LONGEST_RESOURCE));
    }

    static Caller nobody(HttpServletRequest request) {
        return new Caller(
                Caller.Kind.NOBODY,
                "nobody",
                false,
                false,
                false,
                Project.DEFAULT,
                null,
                request.getRemoteAddr(),
                userAgent(request));
    }

    static @Nullable String userAgent(HttpServletRequest request) {
        var agent = request.getHeader("User-Agent");
        return agent == null || agent.length() <= LONGEST_USER_AGENT ? agent : agent.substring(0, LONGEST_USER_AGENT);
    }
}
