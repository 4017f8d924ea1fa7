package io.muster.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Requests over many connections, the next as soon as an answer is there: prebuilt bytes, one thread, and of an answer only
 * its first and last bytes are looked at, so that the generator costs little of the machine.
 */
final class Load {
    private static final int BUCKET_MICROS = 100;
    private static final int BUCKETS = 50_000; // up to five seconds
    private static final byte[] GOOD = {'O', 'K'};

    /** What becomes of a connection when an answer is there. */
    enum Then {
        /** The next request goes over it. */
        KEEP,
        /** The next request goes over a new one; that it is opened counts to its wait. */
        CLOSE
    }

    /** @param waits how many answers took so many times 100 microseconds */
    record Result(long answered, Duration took, long[] waits) {
        static final Result NONE = new Result(0, Duration.ZERO, new long[BUCKETS]);

        Result plus(Result other) {
            var both = waits.clone();
            for (int i = 0; i < both.length; i++) both[i] += other.waits[i];
            return new Result(answered + other.answered, took.plus(other.took), both);
        }

        double perSecond() {
            return answered / seconds();
        }

        double seconds() {
            return took.toNanos() / 1e9;
        }

        /** What this part of all answers waited at most. */
        double millis(double part) {
            long seen = 0;
            for (int i = 0; i < waits.length; i++) {
                seen += waits[i];
                if (seen >= part * answered) return (i + 1) * BUCKET_MICROS / 1000.0;
            }
            return waits.length * BUCKET_MICROS / 1000.0;
        }
    }

    private static final class Connection {
        private final SocketChannel channel;
        private final ByteBuffer answer;
        private final Ends ends;
        private long sentAt;
        private long missing; // of the answer's body, once its length is known

        Connection(int port, Ends ends) throws IOException {
            this.ends = ends;
            this.answer = ByteBuffer.allocate(ends == Ends.OK ? 1024 : 1 << 16);
            sentAt = System.nanoTime();
            channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.configureBlocking(false);
        }

        void send(byte[] request) throws IOException {
            answer.clear();
            missing = -1;
            var bytes = ByteBuffer.wrap(request);
            while (bytes.hasRemaining()) channel.write(bytes);
        }

        /** Headers end in a blank line; of the body only the length counts. */
        private boolean skip(int end) {
            var head = new String(answer.array(), 0, Math.min(end, 2_048), StandardCharsets.US_ASCII);
            int body = head.indexOf("\r\n\r\n");
            if (body < 0) return false;
            int at = head.toLowerCase(Locale.ROOT).indexOf("content-length: ");
            long length = Long.parseLong(head.substring(at + 16, head.indexOf('\r', at)));
            missing = length - (end - body - 4);
            answer.clear();
            return missing == 0;
        }

        /** At once and without a trace, so that addresses do not run out. */
        void close() throws IOException {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            channel.close();
        }

        /** Whether the whole answer is there. */
        boolean receive() throws IOException {
            int read = channel.read(answer);
            if (read < 0) throw new IOException("the server closed a connection");
            int end = answer.position();
            if (missing >= 0) {
                missing -= read;
                answer.clear();
                return missing == 0;
            }
            if (end < 20) return false;
            if (answer.get(9) == '2') {
                if (ends == Ends.LENGTH) return skip(end);
                return answer.get(end - 2) == GOOD[0] && answer.get(end - 1) == GOOD[1] && answer.get(end - 3) == '\n';
            }
            throw new IOException(
                    "the server answered " + new String(answer.array(), 0, end, StandardCharsets.US_ASCII));
        }
    }

    /** How the end of an answer is known. */
    private enum Ends {
        OK,
        LENGTH
    }

    /** The same for answers of any text: of each its {@code Content-Length} is read, and that it is a 2xx. */
    static Result runAny(int port, int connections, List<byte[]> requests, Duration length) throws IOException {
        return run(port, connections, requests, Then.KEEP, length, Ends.LENGTH);
    }

    /** For so long, each time one of {@code requests} at random; all answers must be 200 with {@code OK}. */
    static Result run(int port, int connections, List<byte[]> requests, Then then, Duration length) throws IOException {
        return run(port, connections, requests, then, length, Ends.OK);
    }

    private static Result run(int port, int connections, List<byte[]> requests, Then then, Duration length, Ends ends)
            throws IOException {
        var waits = new long[BUCKETS];
        long answered = 0;
        try (var selector = Selector.open()) {
            long begun = System.nanoTime();
            for (int i = 0; i < connections; i++) open(port, selector, ends).send(any(requests));
            long now = System.nanoTime();
            int open = connections;
            while (open > 0) {
                if (selector.select(10_000) == 0) throw new IOException("no answer within 10 s");
                boolean over = now - begun > length.toNanos();
                for (var key : selector.selectedKeys()) {
                    var connection = (Connection) key.attachment();
                    if (!connection.receive()) continue;
                    now = System.nanoTime();
                    waits[(int) Math.min(BUCKETS - 1, (now - connection.sentAt) / (BUCKET_MICROS * 1000L))]++;
                    answered++;
                    if (over || then == Then.CLOSE) connection.close();
                    if (over) {
                        open--;
                    } else if (then == Then.CLOSE) {
                        open(port, selector, ends).send(any(requests));
                    } else {
                        connection.sentAt = now;
                        connection.send(any(requests));
                    }
                }
                selector.selectedKeys().clear();
            }
            return new Result(answered, Duration.ofNanos(now - begun), waits);
        }
    }

    private static Connection open(int port, Selector selector, Ends ends) throws IOException {
        var connection = new Connection(port, ends);
        connection.channel.register(selector, SelectionKey.OP_READ, connection);
        return connection;
    }

    private static byte[] any(List<byte[]> requests) {
        return requests.get(ThreadLocalRandom.current().nextInt(requests.size()));
    }

    private Load() {}
}
