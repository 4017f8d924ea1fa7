package io.muster.server.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Reads lines of bounded length. */
final class Lines {

    private final InputStream in;
    private final int longest;
    private final byte[] buffer = new byte[1 << 16];
    private int at;
    private int end;

    /** @param longest bytes; of a longer line one more is given, and the rest is passed over */
    Lines(InputStream in, int longest) {
        this.in = in;
        this.longest = longest;
    }

    /** The next line that is not blank, without its end; null behind the last. */
    byte @Nullable [] next() throws IOException {
        var line = new ByteArrayOutputStream(512);
        while (true) {
            if (at == end) {
                at = 0;
                end = in.read(buffer);
                if (end < 0) {
                    end = 0;
                    return isBlank(line) ? null : line.toByteArray();
                }
            }
            int from = at;
            while (at < end && buffer[at] != '\n') at++;
            int room = longest + 1 - line.size();
            line.write(buffer, from, Math.min(at - from, Math.max(room, 0)));
            if (at == end) continue;
            at++;
            if (!isBlank(line)) return line.toByteArray();
            line.reset();
        }
    }

    private static boolean isBlank(ByteArrayOutputStream line) {
        return line.size() < 1_000 && line.toString(UTF_8).isBlank();
    }
}
