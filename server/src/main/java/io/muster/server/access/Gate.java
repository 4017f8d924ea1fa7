package io.muster.server.access;

import io.muster.server.access.Rights.Need;
import io.muster.server.problem.Problem;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.filter.OncePerRequestFilter;

/** Every request passes here: who is calling, and may they do this. */
class Gate extends OncePerRequestFilter {

    private static final int LONGEST_USER_AGENT = 500;

    private final Access access;
    private final ApiKeys keys;

    Gate(Access access, ApiKeys keys) {
        this.access = access;
        this.keys = keys;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        var need = Rights.of(request);
        if (need == Need.OPEN) {
            access.become(nobody(request));
        } else {
            access.become(caller(request, response));
            if (!need.permits(access.caller())) {
                throw Problem.forbidden("This needs other rights: see docs/sign-in-and-keys.md.");
            }
        }
        chain.doFilter(request, response);
    }

    private Caller caller(HttpServletRequest request, HttpServletResponse response) {
        var sent = key(request);
        if (sent.isEmpty()) {
            response.setHeader("WWW-Authenticate", "Bearer realm=\"Muster\"");
            throw new Problem(
                    HttpStatus.UNAUTHORIZED,
                    "unauthorized",
                    "Send an API key as `Authorization: Bearer KEY` or `X-Api-Key: KEY`, or sign in at /sign-in.");
        }
        return keys.find(sent.get(), request.getRemoteAddr(), userAgent(request))
                .orElseThrow(() -> {
                    response.setHeader("WWW-Authenticate", "Bearer realm=\"Muster\", error=\"invalid_token\"");
                    return new Problem(
                            HttpStatus.UNAUTHORIZED, "unauthorized", "This API key is unknown, deleted or expired.");
                });
    }

    static Optional<String> key(HttpServletRequest request) {
        var key = request.getHeader("X-Api-Key");
        if (key != null) return Optional.of(key);
        var authorization = request.getHeader("Authorization");
        return authorization != null && authorization.regionMatches(true, 0, "Bearer ", 0, 7)
                ? Optional.of(authorization.substring(7).strip())
                : Optional.empty();
    }

    static Caller nobody(HttpServletRequest request) {
        return new Caller(
                Caller.Kind.NOBODY,
                "nobody",
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
