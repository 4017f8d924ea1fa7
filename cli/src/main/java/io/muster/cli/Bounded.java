package io.muster.cli;

import io.muster.merklelog.Malformed;
import java.io.IOException;
import java.io.InputStream;

/** Reads what somebody else made, and no more of it than it may have. */
final class Bounded {
    private Bounded() {}

    /** All of {@code in}, which is closed. */
    static byte[] read(InputStream in, int most, String name) throws IOException {
        try (in) {
            var bytes = in.readNBytes(most + 1);
            if (bytes.length > most) {
                throw new Malformed(name + " has more than " + most + " bytes");
            }
            return bytes;
        }
    }
}
