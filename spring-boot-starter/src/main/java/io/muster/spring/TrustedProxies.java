package io.muster.spring;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Whose word about a caller is believed. Anybody can write {@code X-Forwarded-For}, and each proxy adds at its end whom it heard; so the
 * caller is the last one in it whom no trusted proxy is.
 */
final class TrustedProxies {
    private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])";
    private static final Pattern IPV4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");
    private static final Pattern IPV4_WITH_PORT = Pattern.compile("([0-9.]{7,15}):[0-9]{1,5}");
    private static final int LONGEST_IPV6 = 45;
    private static final int MOST_HOPS = 20;

    private record Network(byte[] address, int bits) {
        static Network parse(String cidr) {
            var parts = cidr.strip().split("/", 2);
            var address = literal(parts[0]);
            if (address == null || parts.length == 2 && !parts[1].matches("[0-9]{1,3}")) {
                throw none(cidr);
            }
            int all = address.getAddress().length * 8;
            int bits = parts.length == 1 ? all : Integer.parseInt(parts[1]);
            if (bits > all) {
                throw none(cidr);
            }
            return new Network(address.getAddress(), bits);
        }

        private static IllegalArgumentException none(String cidr) {
            return new IllegalArgumentException(
                    "muster.audit.trusted-proxies must be addresses or networks such as 10.0.0.0/8; got "
                            + cidr.strip());
        }

        boolean contains(byte[] other) {
            if (other.length != address.length) {
                return false;
            }
            for (int bit = 0; bit < bits; bit++) {
                int mask = 0x80 >> (bit & 7);
                if ((other[bit >> 3] & mask) != (address[bit >> 3] & mask)) {
                    return false;
                }
            }
            return true;
        }
    }

    private final List<Network> trusted;

    /** @throws IllegalArgumentException if one is no address and no network */
    TrustedProxies(List<String> cidrs) {
        this.trusted = cidrs.stream().map(Network::parse).toList();
    }

    /**
     * @param peer who holds the connection
     * @param forwarded the words of {@code X-Forwarded-For}, in order; what is no address ends the walk before it
     */
    String caller(String peer, List<String> forwarded) {
        var caller = peer;
        for (var hop : forwarded.reversed().stream().limit(MOST_HOPS).toList()) {
            var next = literal(withoutPort(hop.strip()));
            if (next == null || !isTrusted(caller)) {
                break;
            }
            caller = next.getHostAddress();
        }
        return canonical(caller);
    }

    /** In the one form in which it is searched for: what a container gives of IPv6 has all its zeros. */
    private static String canonical(String address) {
        var known = literal(address);
        return known instanceof Inet6Address ? compressed(known.getAddress()) : address;
    }

    /**
     * With the longest run of zeros left out.
     * @see <a href="https://www.rfc-editor.org/rfc/rfc5952#section-4.2">RFC 5952, section 4.2</a>
     */
    private static String compressed(byte[] address) {
        var groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = (address[2 * i] & 0xff) << 8 | (address[2 * i + 1] & 0xff);
        }
        int start = -1;
        int length = 1; // a single zero is not left out
        for (int i = 0; i < 8; i++) {
            int end = i;
            while (end < 8 && groups[end] == 0) {
                end++;
            }
            if (end - i > length) {
                start = i;
                length = end - i;
            }
        }
        var text = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == start) {
                text.append("::");
                i += length - 1;
            } else {
                if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
                    text.append(':');
                }
                text.append(Integer.toHexString(groups[i]));
            }
        }
        return text.toString();
    }

    private boolean isTrusted(String address) {
        var known = literal(address);
        return known != null && trusted.stream().anyMatch(network -> network.contains(known.getAddress()));
    }

    private static String withoutPort(String hop) {
        var matcher = IPV4_WITH_PORT.matcher(hop);
        return matcher.matches() ? matcher.group(1) : hop;
    }

    /** Asks no name server: what is no literal is none. */
    private static @Nullable InetAddress literal(String text) {
        int zone = text.indexOf('%');
        var plain = zone < 0 ? text : text.substring(0, zone);
        boolean formed = plain.indexOf(':') >= 0
                ? plain.length() <= LONGEST_IPV6
                : IPV4.matcher(plain).matches();
        try {
            return formed ? InetAddress.getByName(plain) : null;
        } catch (UnknownHostException none) {
            return null;
        }
    }
}
