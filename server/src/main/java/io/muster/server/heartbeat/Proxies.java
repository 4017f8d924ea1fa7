package io.muster.server.heartbeat;

import jakarta.servlet.http.HttpServletRequest;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** Where a job called from. What a proxy says of it is believed if {@code MUSTER_TRUSTED_PROXIES} names the proxy. */
@Component
class Proxies {

    private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
    private static final Pattern IPV4_WITH_PORT = Pattern.compile("([0-9]{1,3}(?:\\.[0-9]{1,3}){3}):[0-9]+");

    private record Network(byte[] address, int bits) {

        static Network parse(String cidr) {
            var parts = cidr.strip().split("/", 2);
            var address = literal(parts[0])
                    .orElseThrow(() -> new IllegalArgumentException(
                            "MUSTER_TRUSTED_PROXIES must be addresses or networks such as 10.0.0.0/8; got " + cidr));
            int all = address.getAddress().length * 8;
            int bits = parts.length == 1 ? all : Integer.parseInt(parts[1]);
            if (bits < 0 || bits > all) {
                throw new IllegalArgumentException("MUSTER_TRUSTED_PROXIES has no network " + cidr);
            }
            return new Network(address.getAddress(), bits);
        }

        boolean contains(byte[] other) {
            if (other.length != address.length) return false;
            for (int bit = 0; bit < bits; bit++) {
                int mask = 0x80 >> (bit & 7);
                if ((other[bit >> 3] & mask) != (address[bit >> 3] & mask)) return false;
            }
            return true;
        }
    }

    private final List<Network> trusted;

    Proxies(@Value("${muster.trusted-proxies:}") String trusted) {
        this.trusted = Arrays.stream(trusted.split(","))
                .filter(cidr -> !cidr.isBlank())
                .map(Network::parse)
                .toList();
    }

    /** Whether the forwarded headers of this request are its proxy's word, and not the caller's. */
    boolean vouchFor(HttpServletRequest request) {
        if (trusted.isEmpty()) return false;
        var peer = literal(request.getRemoteAddr()).map(InetAddress::getAddress);
        return peer.isPresent() && trusted.stream().anyMatch(network -> network.contains(peer.get()));
    }

    /** The first address of {@code X-Forwarded-For}, else the peer's; null if it is none. */
    @Nullable String caller(HttpServletRequest request) {
        var forwarded = vouchFor(request) ? request.getHeader("X-Forwarded-For") : null;
        return canonical(forwarded == null ? request.getRemoteAddr() : forwarded.split(",", 2)[0].strip());
    }

    /** The first word of {@code X-Forwarded-Proto}, else that of the connection. */
    String scheme(HttpServletRequest request) {
        var forwarded = vouchFor(request) ? request.getHeader("X-Forwarded-Proto") : null;
        return forwarded == null ? request.getScheme() : forwarded.split(",", 2)[0].strip();
    }

    static @Nullable String canonical(String address) {
        var withPort = IPV4_WITH_PORT.matcher(address);
        var text = withPort.matches() ? withPort.group(1) : address;
        return literal(text)
                .map(found -> {
                    if (!(found instanceof Inet4Address)) return compressed(found.getAddress());
                    return (text.indexOf(':') < 0 ? "" : "::ffff:") + found.getHostAddress();
                })
                .orElse(null);
    }

    private static Optional<InetAddress> literal(String text) {
        int zone = text.indexOf('%');
        var plain = zone < 0 ? text : text.substring(0, zone);
        boolean formed = plain.indexOf(':') >= 0
                ? plain.length() <= 45
                : IPV4.matcher(plain).matches();
        if (!formed) return Optional.empty();
        try {
            return Optional.of(InetAddress.ofLiteral(plain));
        } catch (IllegalArgumentException none) {
            return Optional.empty();
        }
    }

    /**
     * With the longest run of zeros left out.
     * @see <a href="https://www.rfc-editor.org/rfc/rfc5952#section-4.2">RFC 5952, section 4.2</a>
     */
    private static String compressed(byte[] address) {
        var groups = new int[8];
        for (int i = 0; i < 8; i++) groups[i] = (address[2 * i] & 0xff) << 8 | (address[2 * i + 1] & 0xff);
        int start = -1;
        int length = 1; // a single zero is not left out
        for (int i = 0; i < 8; i++) {
            int end = i;
            while (end < 8 && groups[end] == 0) end++;
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
                if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') text.append(':');
                text.append(Integer.toHexString(groups[i]));
            }
        }
        return text.toString();
    }
}
