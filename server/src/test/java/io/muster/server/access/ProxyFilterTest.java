package io.muster.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.http.HttpServletRequest;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

class ProxyFilterTest {

    @Test
    void only_a_trusted_proxy_says_how_and_under_which_name_it_was_called() throws Exception {
        var request = new MockHttpServletRequest();
        request.addHeader("X-Forwarded-Proto", "https");
        request.addHeader("X-Forwarded-Host", "muster.example.com");
        request.setRemoteAddr("203.0.113.9");
        assertThat(seen("10.0.0.0/8", request).isSecure()).isFalse();
        assertThat(seen("", request).getServerName()).isEqualTo("localhost");
        request.setRemoteAddr("10.0.0.1");
        var seen = seen("10.0.0.0/8", request);
        assertThat(seen.isSecure()).isTrue();
        request.addHeader("X-Forwarded-For", "6.6.6.6, 198.51.100.7");
        assertThat(seen("10.0.0.0/8", request).getRemoteAddr()).isEqualTo("198.51.100.7");
        assertThat(seen.getRequestURL()).asString().startsWith("https://muster.example.com");
        request.removeHeader("X-Forwarded-Host");
        request.addHeader("X-Forwarded-Host", "evil.example/<script>");
        assertThat(seen("10.0.0.0/8", request).getServerName()).isEqualTo("localhost");
    }

    private static HttpServletRequest seen(String trusted, HttpServletRequest request) throws Exception {
        var seen = new AtomicReference<HttpServletRequest>();
        new ProxyFilter(new Proxies(trusted))
                .doFilterInternal(
                        request,
                        new MockHttpServletResponse(),
                        (passed, response) -> seen.set((HttpServletRequest) passed));
        return seen.get();
    }
}
