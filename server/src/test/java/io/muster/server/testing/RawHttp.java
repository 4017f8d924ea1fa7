package io.muster.server.testing;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;

/** One connection, with every byte in the test's hand. */
public final class RawHttp implements Closeable {

    /** The status line and headers as they came, and the body. */
    public record Answer(int status, String head, String body) {

        public String header(String name) {
            return head.lines()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":"))
                    .map(line -> line.substring(name.length() + 1).strip())
                    .findFirst()
                    .orElse("");
        }
    }

    private static final int CONNECT_MS = 2_000;

    private final Socket socket;

    public RawHttp(String base) throws IOException {
        this(Integer.parseInt(base.substring(base.lastIndexOf(':') + 1)), Duration.ofSeconds(20));
    }

    /** @param patience with each answer */
    public RawHttp(int port, Duration patience) throws IOException {
        socket = new Socket();
        socket.setSoTimeout((int) patience.toMillis());
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MS);
    }

    public void write(String text) throws IOException {
        write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public void write(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    public Answer send(String request) throws IOException {
        write(request);
        return read(!request.startsWith("HEAD "));
    }

    public Answer read(boolean withBody) throws IOException {
        var in = socket.getInputStream();
        var head = new ByteArrayOutputStream();
        int newlines = 0;
        while (newlines < 2) {
            int c = in.read();
            if (c < 0) throw new IOException("closed after: " + head);
            head.write(c);
            if (c == '\n') newlines++;
            else if (c != '\r') newlines = 0;
        }
        var text = head.toString(StandardCharsets.ISO_8859_1);
        var answer = new Answer(Integer.parseInt(text.split(" ", 3)[1]), text, "");
        var length = answer.header("Content-Length");
        if (withBody && answer.header("Transfer-Encoding").equals("chunked")) {
            return new Answer(answer.status(), text, chunks(in));
        }
        if (!withBody || length.isEmpty()) return answer;
        return new Answer(
                answer.status(),
                text,
                new String(in.readNBytes(Integer.parseInt(length)), StandardCharsets.ISO_8859_1));
    }

    private static String chunks(InputStream in) throws IOException {
        var body = new StringBuilder();
        while (true) {
            var size = new StringBuilder();
            for (int c = in.read(); c != '\n'; c = in.read()) size.append((char) c);
            int length = Integer.parseInt(size.toString().strip(), 16);
            body.append(new String(in.readNBytes(length), StandardCharsets.ISO_8859_1));
            in.readNBytes(2);
            if (length == 0) return body.toString();
        }
    }

    /** Whether the server says no more. */
    public boolean isEnded() throws IOException {
        return socket.getInputStream().read() < 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
