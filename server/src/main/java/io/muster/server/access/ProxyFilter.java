package io.muster.server.access;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/** From here on a request that came through trusted proxies looks as it did where it began: see {@link Proxies}. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 5)
class ProxyFilter extends OncePerRequestFilter {

    private static final Pattern HOST = Pattern.compile("([A-Za-z0-9.-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}])(:[0-9]{1,5})?");

    private final Proxies proxies;

    ProxyFilter(Proxies proxies) {
        this.proxies = proxies;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        chain.doFilter(proxies.vouchFor(request) ? new Forwarded(request) : request, response);
    }

    private final class Forwarded extends HttpServletRequestWrapper {
        private final String caller;
        private final String scheme;
        private final String host;
        private final int port;

        Forwarded(HttpServletRequest request) {
            super(request);
            caller = proxies.caller(request);
            var said = proxies.said(request, "X-Forwarded-Proto");
            scheme = said != null && (said.equals("https") || said.equals("http")) ? said : request.getScheme();
            var address = proxies.said(request, "X-Forwarded-Host");
            var parts = HOST.matcher(address == null ? "" : address);
            var known = parts.matches();
            host = known ? parts.group(1) : request.getServerName();
            port = known ? port(parts.group(2)) : said == null ? request.getServerPort() : port(null);
        }

        private int port(@Nullable String given) {
            return given != null ? Integer.parseInt(given.substring(1)) : scheme.equals("https") ? 443 : 80;
        }

        @Override
        public String getRemoteAddr() {
            return caller;
        }

        @Override
        public String getRemoteHost() {
            return caller;
        }

        @Override
        public String getScheme() {
            return scheme;
        }

        @Override
        public boolean isSecure() {
            return scheme.equals("https");
        }

        @Override
        public StringBuffer getRequestURL() {
            var usual = port == (scheme.equals("https") ? 443 : 80);
            return new StringBuffer(scheme + "://" + host + (usual ? "" : ":" + port) + getRequestURI());
        }

        @Override
        public String getServerName() {
            return host;
        }

        @Override
        public int getServerPort() {
            return port;
        }
    }
}
