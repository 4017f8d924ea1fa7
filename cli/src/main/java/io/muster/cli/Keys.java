package io.muster.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.muster.merklelog.KeyType;
import io.muster.merklelog.Malformed;
import io.muster.merklelog.VerifierKey;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Files of verifier keys, one a line. */
final class Keys {
    /** Bytes of such a file. */
    static final int LARGEST = 1 << 16;

    private Keys() {}

    /** Of a log or of witnesses, as a person keeps them: blank lines do no harm. */
    static List<VerifierKey> kept(byte[] file) {
        var keys = new String(file, UTF_8)
                .lines()
                .filter(line -> !line.isBlank())
                .map(VerifierKey::parse)
                .toList();
        if (keys.isEmpty()) {
            throw new Malformed("there is no key in it");
        }
        return keys;
    }

    /** As a log publishes its own: all under its name, a line each. */
    static List<VerifierKey> published(byte[] file) {
        var keys = kept(file);
        var again = keys.stream().map(key -> key + "\n").collect(Collectors.joining());
        if (!Arrays.equals(again.getBytes(UTF_8), file)
                || keys.stream()
                        .anyMatch(key -> !key.name().equals(keys.getFirst().name()))) {
            throw new Malformed("keys of one log stand in a line each");
        }
        return keys;
    }

    /** Says what is not proven by keys that came together with what they signed. */
    static void warn(List<VerifierKey> keys, String from, PrintWriter out) {
        out.println(
                "CAREFUL: without --key the log's keys are those " + from
                        + ": that all fits together is proven, but not whose it is. Compare them with what you got from someone you trust:");
        keys.stream().filter(key -> key.type() == KeyType.ED25519).forEach(key -> out.println("  " + key));
    }
}
