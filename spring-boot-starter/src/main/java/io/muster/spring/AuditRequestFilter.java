package io.muster.spring;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.web.filter.OncePerRequestFilter;

/** Notes of each request what its audit events need to know. Stands before Spring Security, so that a refused login has an address too. */
final class AuditRequestFilter extends OncePerRequestFilter {
    private static final Pattern TRACEPARENT =
            Pattern.compile("[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?");
    private static final Set<String> NOT_KEPT = Set.of("authorization", "cookie", "proxy-authorization");

    private final TrustedProxies proxies;

    AuditRequestFilter(TrustedProxies proxies) {
        this.proxies = proxies;
    }

    @Override
    protected boolean shouldNotFilterAsyncDispatch() {
        return false; // another thread goes on with the request
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        var before = CurrentRequest.enter(new CurrentRequest.Here(of(request), false));
        try {
            chain.doFilter(request, response);
        } finally {
            CurrentRequest.leave(before);
        }
    }

    private AuditContext of(HttpServletRequest request) {
        var headers = new HashMap<String, String>();
        for (var name : Collections.list(request.getHeaderNames())) {
            var lower = name.toLowerCase(Locale.ROOT);
            if (!NOT_KEPT.contains(lower)) {
                headers.putIfAbsent(lower, request.getHeader(name));
            }
        }
        return new AuditContext(
                request.getUserPrincipal(),
                proxies.caller(request.getRemoteAddr(), forwarded(request)),
                headers.get("user-agent"),
                traceId(headers),
                Map.copyOf(headers));
    }

    private static List<String> forwarded(HttpServletRequest request) {
        return Collections.list(request.getHeaders("X-Forwarded-For")).stream()
                .flatMap(line -> Arrays.stream(line.split(",", -1)))
                .toList();
    }

    private static @Nullable String traceId(Map<String, String> headers) {
        var matcher = TRACEPARENT.matcher(headers.getOrDefault("traceparent", ""));
        return matcher.matches() ? matcher.group(1) : null;
    }
}
