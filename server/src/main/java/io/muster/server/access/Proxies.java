package io.muster.server.access;

import io.muster.server.embedded.CannotStart;
import io.muster.server.embedded.ReadFirst;
import jakarta.servlet.http.HttpServletRequest;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * Whose word about a caller is believed: that of the proxies which {@code MUSTER_TRUSTED_PROXIES} names, and nobody's else.
 * Anybody can write {@code X-Forwarded-For}, and each proxy adds at its end whom it heard. So only the end is vouched for:
 * {@link #caller} is the last one in it whom no trusted proxy is. What is earlier is hearsay: {@link #origin} shows it where
 * nothing depends on it.
 */
@ReadFirst
@Component
public class Proxies {

    private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
    private static final Pattern IPV4_WITH_PORT = Pattern.compile("([0-9]{1,3}(?:\\.[0-9]{1,3}){3}):[0-9]+");
    private static final int MOST_HOPS = 20;

    private record Network(byte[] address, int bits) {

        static Network parse(String cidr) {
            var parts = cidr.strip().split("/", 2);
            var address = literal(parts[0]).map(InetAddress::getAddress).orElseThrow(() -> none(cidr));
            int all = address.length * 8;
            if (parts.length == 1) return new Network(address, all);
            if (!parts[1].matches("[0-9]{1,3}") || Integer.parseInt(parts[1]) > all) throw none(cidr);
            return new Network(address, Integer.parseInt(parts[1]));
        }

        private static CannotStart none(String cidr) {
            return new CannotStart(
                    "MUSTER_TRUSTED_PROXIES must be addresses or networks such as 10.0.0.0/8; got " + cidr.strip());
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
        return isTrusted(request.getRemoteAddr());
    }

    private boolean isTrusted(String address) {
        if (trusted.isEmpty()) return false;
        var known = literal(address).map(InetAddress::getAddress);
        return known.isPresent() && trusted.stream().anyMatch(network -> network.contains(known.get()));
    }

    /**
     * Who called, for all that depends on it: from the end of {@code X-Forwarded-For}, past trusted proxies, to the first
     * other one; the first of all if all are trusted. What is no address ends the walk before it.
     */
    String caller(HttpServletRequest request) {
        var caller = request.getRemoteAddr();
        for (var hop : words(request, "X-Forwarded-For").reversed().stream()
                .limit(MOST_HOPS)
                .toList()) {
            var next = canonical(hop);
            if (next == null || !isTrusted(caller)) break;
            caller = next;
        }
        return caller;
    }

    /** What the nearest proxy says in {@code header}: its last word; null if it says nothing, or is not trusted. */
    @Nullable String said(HttpServletRequest request, String header) {
        if (!vouchFor(request)) return null;
        var words = words(request, header);
        return words.isEmpty() ? null : words.getLast();
    }

    /**
     * Who called first, as far as a trusted proxy passed it on: what a ping shows, as in the compatible API. Nothing may
     * depend on it, for a proxy that only adds to the header passes on what the caller made up. The peer if no trusted
     * proxy says anything; null if it is no address.
     */
    public @Nullable String origin(HttpServletRequest request) {
        var words = vouchFor(request) ? words(request, "X-Forwarded-For") : List.<String>of();
        return canonical(words.isEmpty() ? request.getRemoteAddr() : words.getFirst());
    }

    /** The first word of {@code X-Forwarded-Proto}, else that of the connection: as {@link #origin}. */
    public String originScheme(HttpServletRequest request) {
        var words = vouchFor(request) ? words(request, "X-Forwarded-Proto") : List.<String>of();
        return words.isEmpty() ? request.getScheme() : words.getFirst();
    }

    /** The name of the host that was called, as a trusted proxy passed it on. */
    public String originHost(HttpServletRequest request) {
        var said = said(request, "X-Forwarded-Host");
        return said == null ? request.getServerName() : said.replaceFirst(":[0-9]{1,5}$", "");
    }

    /** All words of a header, in order, however many lines it has. */
    private static List<String> words(HttpServletRequest request, String header) {
        return Collections.list(request.getHeaders(header)).stream()
                .flatMap(line -> Arrays.stream(line.split(",", -1)))
                .map(String::strip)
                .toList();
    }

    static @Nullable String canonical(String address) {
        var withPort = address.indexOf(':') < 0 ? null : IPV4_WITH_PORT.matcher(address);
        var text = withPort != null && withPort.matches() ? withPort.group(1) : address;
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
