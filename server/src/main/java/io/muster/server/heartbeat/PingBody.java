package io.muster.server.heartbeat;

import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;

/** The body of one ping, read in bounded steps. */
final class PingBody {

    /** Up to here no check is asked for its limit. */
    static final int ORDINARY = 10_000;

    private static final Duration SLOWEST = Duration.ofMinutes(1);

    /** The caller's mistake; nothing more can be read of the connection. */
    static final class Broken extends IOException {

        private static final long serialVersionUID = 1;
        private final int status;

        Broken(int status, String message) {
            super(message);
            this.status = status;
        }

        int status() {
            return status;
        }
    }

    private final HttpServletRequest request;
    private final long begun = System.nanoTime();
    private int length;
    private boolean atEnd;

    PingBody(HttpServletRequest request) {
        this.request = request;
        this.atEnd = request.getContentLengthLong() == 0
                || request.getContentLengthLong() < 0 && request.getHeader("Transfer-Encoding") == null;
    }

    /** {@code before} and what follows it, up to {@code limit} bytes together. */
    byte[] read(byte[] before, int limit) throws IOException {
        if (atEnd || before.length >= limit) return before;
        var stream = request.getInputStream();
        var bytes = Arrays.copyOf(before, (int) Math.min(limit, Math.max(1024L, request.getContentLengthLong())));
        int size = before.length;
        while (size < limit) {
            if (size == bytes.length) bytes = Arrays.copyOf(bytes, Math.min(limit, 2 * bytes.length));
            int n = next(stream, bytes, size);
            if (n < 0) break;
            size += n;
        }
        if (size == request.getContentLengthLong()) atEnd = true;
        return size == bytes.length ? bytes : Arrays.copyOf(bytes, size);
    }

    boolean isAtEnd() {
        return atEnd;
    }

    /** Reads what is left and forgets it, so that the connection can go on. */
    void drain() throws IOException {
        var away = new byte[8192];
        while (!atEnd) {
            if (next(request.getInputStream(), away, 0) < 0) return;
        }
    }

    private int next(ServletInputStream stream, byte[] into, int at) throws IOException {
        int n;
        try {
            n = stream.read(into, at, into.length - at);
        } catch (IOException broken) {
            throw new Broken(HttpServletResponse.SC_BAD_REQUEST, "the body ends before its end");
        }
        if (n < 0) {
            atEnd = true;
            return n;
        }
        length += n;
        if (length > PingProperties.READ_LIMIT)
            throw new Broken(HttpServletResponse.SC_REQUEST_ENTITY_TOO_LARGE, "body too large");
        if (System.nanoTime() - begun > SLOWEST.toNanos())
            throw new Broken(HttpServletResponse.SC_REQUEST_TIMEOUT, "body too slow");
        return n;
    }
}
