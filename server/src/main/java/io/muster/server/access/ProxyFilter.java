package io.muster.server.access;

import io.muster.server.embedded.CannotStart;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.security.web.util.matcher.IpAddressMatcher;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Where a request came from, when it came through proxies that {@code MUSTER_TRUSTED_PROXIES} names. Anybody can write
 * {@code X-Forwarded-For}, and proxies add to it at its end: so the caller is the last one in it whom no trusted proxy is.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 5)
class ProxyFilter extends OncePerRequestFilter {

    private static final Pattern ADDRESS = Pattern.compile("[0-9A-Fa-f:.]{2,45}");
    private static final Pattern HOST = Pattern.compile("([A-Za-z0-9.-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}])(:[0-9]{1,5})?");
    private static final int MOST_HOPS = 20;

    private final List<IpAddressMatcher> trusted;

    ProxyFilter(@Value("${muster.trusted-proxies:}") String cidrs) {
        this.trusted = Arrays.stream(cidrs.split(","))
                .map(String::strip)
                .filter(cidr -> !cidr.isEmpty())
                .map(ProxyFilter::network)
                .toList();
    }

    private static IpAddressMatcher network(String cidr) {
        try {
            return new IpAddressMatcher(cidr);
        } catch (IllegalArgumentException none) {
            throw new CannotStart(
                    "MUSTER_TRUSTED_PROXIES must be addresses or networks such as 10.0.0.0/8; got " + cidr);
        }
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        chain.doFilter(isTrusted(request.getRemoteAddr()) ? new Forwarded(request) : request, response);
    }

    private boolean isTrusted(String address) {
        return trusted.stream().anyMatch(network -> network.matches(address));
    }

    /** From the end, past trusted proxies; what is no address ends the walk. */
    private String caller(HttpServletRequest request) {
        var hops = new ArrayList<String>();
        for (var header : Collections.list(request.getHeaders("X-Forwarded-For"))) {
            hops.addAll(Arrays.asList(header.split(",")));
        }
        var caller = request.getRemoteAddr();
        for (var hop :
                hops.reversed().stream().map(String::strip).limit(MOST_HOPS).toList()) {
            if (!isTrusted(caller) || !ADDRESS.matcher(hop).matches()) break;
            caller = hop;
        }
        return caller;
    }

    /** What the nearest proxy says, which is the last word of the header. */
    private static @Nullable String last(HttpServletRequest request, String header) {
        var values = Collections.list(request.getHeaders(header));
        if (values.isEmpty()) return null;
        var words = values.getLast().split(",");
        return words.length == 0 ? null : words[words.length - 1].strip();
    }

    private final class Forwarded extends HttpServletRequestWrapper {
        private final String caller;
        private final String scheme;
        private final String host;
        private final int port;

        Forwarded(HttpServletRequest request) {
            super(request);
            caller = caller(request);
            var said = last(request, "X-Forwarded-Proto");
            scheme = said != null && (said.equals("https") || said.equals("http")) ? said : request.getScheme();
            var address = last(request, "X-Forwarded-Host");
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
