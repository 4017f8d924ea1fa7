package io.muster.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.server.embedded.CannotStart;
import jakarta.servlet.http.HttpServletRequest;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

class ProxyFilterTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            203.0.113.9 | 198.51.100.7                      | 203.0.113.9
            10.0.0.1    |                                   | 10.0.0.1
            10.0.0.1    | 198.51.100.7                      | 198.51.100.7
            10.0.0.1    | 6.6.6.6, 198.51.100.7             | 198.51.100.7
            10.0.0.1    | 6.6.6.6, 198.51.100.7, 10.2.3.4   | 198.51.100.7
            10.0.0.1    | 10.9.9.9, 10.2.3.4                | 10.9.9.9
            10.0.0.1    | unknown                           | 10.0.0.1
            10.0.0.1    | 6.6.6.6, nonsense                 | 10.0.0.1
            10.0.0.1    | 2001:db8::7                       | 2001:db8::7
            ::1         | 198.51.100.7                      | 198.51.100.7
            """)
    void the_caller_is_the_last_whom_no_trusted_proxy_is(String peer, String forwarded, String caller)
            throws Exception {
        var request = new MockHttpServletRequest();
        request.setRemoteAddr(peer);
        if (forwarded != null) request.addHeader("X-Forwarded-For", forwarded);
        assertThat(seen("10.0.0.0/8, ::1", request).getRemoteAddr()).isEqualTo(caller);
    }

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
        assertThat(seen.getRequestURL()).asString().startsWith("https://muster.example.com");
        request.removeHeader("X-Forwarded-Host");
        request.addHeader("X-Forwarded-Host", "evil.example/<script>");
        assertThat(seen("10.0.0.0/8", request).getServerName()).isEqualTo("localhost");
    }

    @Test
    void what_is_no_network_stops_the_start() {
        assertThatThrownBy(() -> new ProxyFilter("10.0.0.0/8,proxy.internal"))
                .isInstanceOf(CannotStart.class)
                .hasMessageEndingWith("got proxy.internal");
    }

    private static HttpServletRequest seen(String trusted, HttpServletRequest request) throws Exception {
        var seen = new AtomicReference<HttpServletRequest>();
        new ProxyFilter(trusted)
                .doFilterInternal(
                        request,
                        new MockHttpServletResponse(),
                        (passed, response) -> seen.set((HttpServletRequest) passed));
        return seen.get();
    }
}
