package io.muster.server.heartbeat;

import io.muster.server.access.Proxies;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.IOException;

/** Takes pings at the root of a host name of their own, {@link PingUrls#host}: there is nothing else on that host. */
class PingHost implements Filter {

    private final PingFilter pings;
    private final Proxies proxies;
    private final String host;

    PingHost(PingFilter pings, Proxies proxies, String host) {
        this.pings = pings;
        this.proxies = proxies;
        this.host = host;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        var called = (HttpServletRequest) request;
        if (proxies.originHost(called).equalsIgnoreCase(host)) {
            pings.doFilter(new AtRoot(called), response, chain);
        } else {
            chain.doFilter(request, response);
        }
    }

    /** Its path begins as it would on the other host, if it does not yet. */
    private static final class AtRoot extends HttpServletRequestWrapper {

        AtRoot(HttpServletRequest request) {
            super(request);
        }

        @Override
        public String getServletPath() {
            var path = super.getServletPath();
            return path.startsWith("/ping/") || path.startsWith("/fail/") ? path : "/ping" + path;
        }
    }
}
