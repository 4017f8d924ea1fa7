package io.muster.server.incident.channel;

import io.muster.server.embedded.CannotStart;
import io.muster.server.embedded.ReadFirst;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * Which addresses Muster may call when somebody else named them: https on port 443 of public ones; and whatever the
 * operator lists in {@code MUSTER_OUTBOUND_ALLOW}, there also plain http and any port. Else a channel's URL would be a way
 * into the operator's own network, or to the cloud's metadata service.
 */
@ReadFirst
@Component
public final class OutboundAllow {

    /** Not public: IANA's special-purpose registries, what is not globally reachable there, and multicast. */
    private static final List<Block> SPECIAL = Stream.of(
                    "0.0.0.0/8", // this network
                    "10.0.0.0/8", // private
                    "100.64.0.0/10", // carriers' NAT; also metadata of some clouds
                    "127.0.0.0/8", // loopback
                    "169.254.0.0/16", // link-local; metadata of most clouds
                    "172.16.0.0/12", // private
                    "192.0.0.0/24", // protocol assignments; metadata of some clouds
                    "192.0.2.0/24", // documentation
                    "192.88.99.0/24", // 6to4 relays
                    "192.168.0.0/16", // private
                    "198.18.0.0/15", // benchmarks
                    "198.51.100.0/24", // documentation
                    "203.0.113.0/24", // documentation
                    "224.0.0.0/4", // multicast
                    "240.0.0.0/4", // reserved, and broadcast
                    "2001::/23", // protocol assignments: Teredo, benchmarks, ORCHID
                    "2001:db8::/32", // documentation
                    "2002::/16", // 6to4, which holds an IPv4 address
                    "3fff::/20") // documentation
            .map(Block::of)
            .toList();

    /** All that is public in IPv6 is in here, but for what {@link #SPECIAL} lists. */
    private static final Block GLOBAL_UNICAST = Block.of("2000::/3");

    /** IPv6 networks reach IPv4 through this: the last four bytes are the address that is meant. */
    private static final Block NAT64 = Block.of("64:ff9b::/96");

    private static final Block MAPPED = new Block(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 0, 0, 0, 0}, 96);

    private final List<Block> allowed;

    public OutboundAllow(@Value("${muster.outbound-allow:}") String cidrs) {
        allowed = Arrays.stream(cidrs.split("[,\\s]+"))
                .filter(text -> !text.isBlank())
                .map(Block::of)
                .toList();
    }

    public boolean permits(InetAddress address, boolean https, int port) {
        var bytes = meant(address.getAddress());
        return isAllowed(bytes) || https && port == 443 && isPublic(bytes);
    }

    /** Whether anything but https on 443 can be permitted at all. */
    public boolean isEmpty() {
        return allowed.isEmpty();
    }

    private boolean isAllowed(byte[] address) {
        return allowed.stream().anyMatch(block -> block.holds(address));
    }

    private static boolean isPublic(byte[] address) {
        return (address.length == 4 || GLOBAL_UNICAST.holds(address))
                && SPECIAL.stream().noneMatch(block -> block.holds(address));
    }

    /** An IPv4 address that hides in an IPv6 one is judged as what it is. */
    private static byte[] meant(byte[] address) {
        return MAPPED.holds(address) || NAT64.holds(address) ? Arrays.copyOfRange(address, 12, 16) : address;
    }

    /** {@code bits} leading bits of an address. */
    private record Block(byte[] address, int bits) {

        static Block of(String cidr) {
            var parts = cidr.split("/", -1);
            try {
                if (parts.length <= 2 && parts[0].matches("[0-9a-fA-F:.]+") && parts[0].matches(".*[:.].*[:.].*")) {
                    var address = InetAddress.getByName(parts[0]).getAddress(); // a literal: no look-up
                    var bits = parts.length == 1 ? address.length * 8 : Integer.parseInt(parts[1]);
                    if (bits >= 0 && bits <= address.length * 8) return new Block(address, bits);
                }
            } catch (UnknownHostException | NumberFormatException notACidr) {
                // told below
            }
            throw new CannotStart("MUSTER_OUTBOUND_ALLOW must list networks such as 10.1.0.0/16 or"
                    + " fd00::/8, with commas between; got " + cidr);
        }

        boolean holds(byte[] other) {
            if (other.length != address.length) return false;
            for (int bit = 0; bit < bits; bit++) {
                var mask = 0x80 >> (bit & 7);
                if ((address[bit >> 3] & mask) != (other[bit >> 3] & mask)) return false;
            }
            return true;
        }
    }
}
