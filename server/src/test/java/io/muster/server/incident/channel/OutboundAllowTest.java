package io.muster.server.incident.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutboundAllowTest {

    static final OutboundAllow NOTHING_MORE = new OutboundAllow("");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "0.1.2.3",
                "10.0.0.1",
                "10.255.255.255",
                "100.64.0.1",
                "100.100.100.200",
                "127.0.0.1",
                "127.255.255.254",
                "169.254.169.254",
                "169.254.170.2",
                "172.16.0.1",
                "172.31.255.255",
                "192.0.0.192",
                "192.0.2.1",
                "192.88.99.1",
                "192.168.1.1",
                "198.18.0.1",
                "198.19.255.255",
                "198.51.100.7",
                "203.0.113.9",
                "224.0.0.1",
                "239.255.255.250",
                "240.0.0.1",
                "255.255.255.255",
                "::",
                "::1",
                "::127.0.0.1",
                "::ffff:127.0.0.1",
                "::ffff:169.254.169.254",
                "::ffff:10.0.0.1",
                "64:ff9b::127.0.0.1",
                "64:ff9b::a9fe:a9fe",
                "64:ff9b:1::1",
                "100::1",
                "2001::1",
                "2001:0:4136:e378::1",
                "2001:db8::1",
                "2001:2::1",
                "2001:10::1",
                "2002:7f00:1::",
                "2002:a9fe:a9fe::",
                "3fff::1",
                "5f00::1",
                "fc00::1",
                "fd00:ec2::254",
                "fe80::1",
                "fec0::1",
                "ff02::1",
                "ff0e::1"
            })
    void address_that_is_not_public_is_never_called(String address) throws UnknownHostException {
        assertThat(NOTHING_MORE.permits(InetAddress.getByName(address), true, 443))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1",
                "9.255.255.255",
                "11.0.0.1",
                "100.63.255.255",
                "100.128.0.1",
                "126.255.255.255",
                "128.0.0.1",
                "172.15.255.255",
                "172.32.0.1",
                "192.0.1.1",
                "198.17.255.255",
                "198.20.0.1",
                "223.255.255.255",
                "2606:4700:4700::1111",
                "2a00:1450::1",
                "2001:200::1",
                "2001:4860:4860::8888",
                "64:ff9b::101:101",
                "::ffff:1.1.1.1"
            })
    void public_address_is_called_by_https_on_443_only(String address) throws UnknownHostException {
        var there = InetAddress.getByName(address);
        assertThat(NOTHING_MORE.permits(there, true, 443)).isTrue();
        assertThat(NOTHING_MORE.permits(there, true, 8443)).isFalse();
        assertThat(NOTHING_MORE.permits(there, false, 80)).isFalse();
        assertThat(NOTHING_MORE.permits(there, false, 443)).isFalse();
    }

    @Test
    void what_the_operator_lists_may_be_called_in_any_way_and_nothing_beside_it() throws UnknownHostException {
        var allow = new OutboundAllow("10.1.0.0/16, fd00:1::/32 192.168.7.7");
        assertThat(allow.permits(InetAddress.getByName("10.1.255.255"), false, 8080))
                .isTrue();
        assertThat(allow.permits(InetAddress.getByName("10.2.0.0"), false, 8080))
                .isFalse();
        assertThat(allow.permits(InetAddress.getByName("fd00:1:ffff::1"), false, 80))
                .isTrue();
        assertThat(allow.permits(InetAddress.getByName("fd00:2::1"), true, 443)).isFalse();
        assertThat(allow.permits(InetAddress.getByName("192.168.7.7"), true, 1)).isTrue();
        assertThat(allow.permits(InetAddress.getByName("192.168.7.8"), true, 443))
                .isFalse();
        assertThat(allow.permits(InetAddress.getByName("::ffff:10.1.2.3"), false, 80))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "localhost",
                "intern.example/8",
                "10.0.0.0/8/8",
                "10/8",
                "::/129",
                "x"
            })
    void what_is_no_network_stops_the_start(String cidr) {
        assertThatThrownBy(() -> new OutboundAllow(cidr)).hasMessageContaining("MUSTER_OUTBOUND_ALLOW");
    }
}
