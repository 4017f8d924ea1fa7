package io.muster.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.server.embedded.CannotStart;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.MockHttpServletRequest;

class ProxiesTest {
    private final Proxies proxies = new Proxies("10.0.0.0/8, ::1, 2001:db8:1::/48");

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            203.0.113.9 | 198.51.100.7                    | 203.0.113.9
            10.0.0.1    |                                 | 10.0.0.1
            10.0.0.1    | 198.51.100.7                    | 198.51.100.7
            10.0.0.1    | 6.6.6.6, 198.51.100.7           | 198.51.100.7
            10.0.0.1    | 6.6.6.6, 198.51.100.7, 10.2.3.4 | 198.51.100.7
            10.0.0.1    | 6.6.6.6,10.3.3.3,198.51.100.7   | 198.51.100.7
            10.0.0.1    | 10.9.9.9, 10.2.3.4              | 10.9.9.9
            10.0.0.1    | 198.51.100.7:51234              | 198.51.100.7
            10.0.0.1    | unknown                         | 10.0.0.1
            10.0.0.1    | 6.6.6.6, nonsense               | 10.0.0.1
            10.0.0.1    | 6.6.6.6, nonsense, 10.2.3.4     | 10.2.3.4
            10.0.0.1    | 6.6.6.6,                        | 10.0.0.1
            10.0.0.1    | 2001:0DB8::0:7                  | 2001:db8::7
            10.0.0.1    | 6.6.6.6, 2001:db8:1:2::3        | 6.6.6.6
            ::1         | 198.51.100.7                    | 198.51.100.7
            """)
    void the_caller_is_the_last_whom_no_trusted_proxy_is(String peer, String forwarded, String caller) {
        assertThat(proxies.caller(from(peer, forwarded))).isEqualTo(caller);
    }

    @Test
    void a_header_of_several_lines_is_one_list() {
        var request = from("10.0.0.1", "6.6.6.6");
        request.addHeader("X-Forwarded-For", "198.51.100.7, 10.2.3.4");
        assertThat(proxies.caller(request)).isEqualTo("198.51.100.7");
        assertThat(proxies.origin(request)).isEqualTo("6.6.6.6");
    }

    @Test
    void a_list_without_end_is_not_walked_to_its_end() {
        var request = from("10.0.0.1", "6.6.6.6" + ", 10.2.3.4".repeat(500));
        assertThat(proxies.caller(request)).isEqualTo("10.2.3.4");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "none", textBlock = """
            203.0.113.9 | 1.1.1.1            | 203.0.113.9
            10.0.0.1    |                    | 10.0.0.1
            10.0.0.1    | 1.1.1.1, 2.2.2.2   | 1.1.1.1
            10.0.0.1    | 1.1.1.1:1234       | 1.1.1.1
            10.0.0.1    | 2001::1            | 2001::1
            10.0.0.1    | 2001:0DB8::0:1     | 2001:db8::1
            10.0.0.1    | fe80::1%eth0       | fe80::1
            10.0.0.1    | ::ffff:1.1.1.1     | ::ffff:1.1.1.1
            10.0.0.1    | garbage            | none
            10.0.0.1    | 1.1.1.1.1          | none
            """)
    void the_origin_of_a_ping_is_the_first_whom_a_trusted_proxy_names(String peer, String forwarded, String origin) {
        assertThat(proxies.origin(from(peer, forwarded))).isEqualTo(origin);
    }

    @Test
    void the_scheme_of_a_ping_is_the_first_that_a_trusted_proxy_names() {
        var request = from("10.0.0.1", null);
        assertThat(proxies.originScheme(request)).isEqualTo("http");
        request.addHeader("X-Forwarded-Proto", "https, http");
        assertThat(proxies.originScheme(request)).isEqualTo("https");
        request.setRemoteAddr("203.0.113.9");
        assertThat(proxies.originScheme(request)).isEqualTo("http");
    }

    @Test
    void nobody_is_trusted_unless_named() {
        var nobody = new Proxies(" ");
        var request = from("127.0.0.1", "1.1.1.1");
        request.addHeader("X-Forwarded-Proto", "https");
        assertThat(nobody.vouchFor(request)).isFalse();
        assertThat(nobody.caller(request)).isEqualTo("127.0.0.1");
        assertThat(nobody.origin(request)).isEqualTo("127.0.0.1");
        assertThat(nobody.originScheme(request)).isEqualTo("http");
        assertThat(nobody.said(request, "X-Forwarded-Proto")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"proxy.internal", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/x", "10.0.0/8", "::1/129"})
    void what_is_no_network_stops_the_start(String wrong) {
        assertThatThrownBy(() -> new Proxies("10.0.0.0/8, " + wrong))
                .isInstanceOf(CannotStart.class)
                .hasMessageEndingWith("got " + wrong);
    }

    private static MockHttpServletRequest from(String peer, String forwarded) {
        var request = new MockHttpServletRequest();
        request.setRemoteAddr(peer);
        if (forwarded != null) request.addHeader("X-Forwarded-For", forwarded);
        return request;
    }
}
