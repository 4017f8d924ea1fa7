package io.muster.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrustedProxiesTest {
    @ParameterizedTest
    @CsvSource(nullValues = "-", delimiter = '|', textBlock = """
            10.0.0.1    | 203.0.113.9                       | 203.0.113.9
            10.0.0.1    | 192.0.2.1, 203.0.113.9            | 203.0.113.9
            10.0.0.1    | 192.0.2.1, 203.0.113.9, 10.0.0.2  | 203.0.113.9
            10.0.0.1    | 203.0.113.9:4711                  | 203.0.113.9
            10.0.0.1    | 10.0.0.3, 10.0.0.2                | 10.0.0.3
            10.0.0.1    | unknown, 10.0.0.2                 | 10.0.0.2
            10.0.0.1    | 999.1.1.1                         | 10.0.0.1
            10.0.0.1    | evil.example                      | 10.0.0.1
            10.0.0.1    | -                                 | 10.0.0.1
            203.0.113.7 | 192.0.2.1                         | 203.0.113.7
            fd00::1     | 2001:db8::7                       | 2001:db8::7
            fd01::1     | 2001:db8::7                       | fd01::1
            fd00:0:0:0:0:0:0:1 | 2001:DB8:0:1:0:0:0:7        | 2001:db8:0:1::7
            0:0:0:0:0:0:0:1    | -                           | ::1
            """)
    void the_caller_is_the_last_whom_no_trusted_proxy_is(String peer, String forwarded, String caller) {
        var proxies = new TrustedProxies(List.of("10.0.0.0/8", "fd00::/16"));
        assertThat(proxies.caller(peer, forwarded == null ? List.of() : List.of(forwarded.split(","))))
                .isEqualTo(caller);
    }

    @Test
    void without_trusted_proxies_nobodys_word_is_believed() {
        assertThat(new TrustedProxies(List.of()).caller("127.0.0.1", List.of("192.0.2.1")))
                .isEqualTo("127.0.0.1");
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.0/33", "proxy.example", "10.0.0.0/x", "''"})
    void what_is_no_network_is_refused(String cidr) {
        assertThatThrownBy(() -> new TrustedProxies(List.of(cidr)))
                .hasMessageStartingWith(
                        "muster.audit.trusted-proxies must be addresses or networks such as 10.0.0.0/8");
    }
}
