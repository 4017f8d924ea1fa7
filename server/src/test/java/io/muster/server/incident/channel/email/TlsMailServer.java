package io.muster.server.incident.channel.email;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * A mail server that goes on to TLS when asked, as RFC 3207 says, or begins with it. What it hears before and behind that
 * is kept apart. Its certificate is for one host, signed by nobody but itself.
 */
final class TlsMailServer implements AutoCloseable {
    private static final char[] PASSWORD = "changeit".toCharArray();

    final List<String> inClear = new CopyOnWriteArrayList<>();
    final List<String> inTls = new CopyOnWriteArrayList<>();

    private final ServerSocket listening;
    private final SSLContext tls;
    private final boolean fromTheStart;
    private final boolean offers;

    private TlsMailServer(SSLContext tls, boolean fromTheStart, boolean offers) throws IOException {
        this.tls = tls;
        this.fromTheStart = fromTheStart;
        this.offers = offers;
        listening = new ServerSocket(0, 5, InetAddress.getByName("0.0.0.0"));
        Thread.ofVirtual().start(this::serve);
    }

    static TlsMailServer startTls(SSLContext tls) throws IOException {
        return new TlsMailServer(tls, false, true);
    }

    static TlsMailServer smtps(SSLContext tls) throws IOException {
        return new TlsMailServer(tls, true, false);
    }

    static TlsMailServer withoutTls(SSLContext tls) throws IOException {
        return new TlsMailServer(tls, false, false);
    }

    /** A context with a fresh certificate for {@code host}, an address, which trusts that one alone. */
    static SSLContext certified(Path folder, String host) throws Exception {
        var file = folder.resolve(host + ".p12");
        var keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "mail",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=" + host,
                        "-ext",
                        "san=ip:" + host,
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        new String(PASSWORD))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("keytool.log").toFile())
                .start();
        if (!keytool.waitFor(1, TimeUnit.MINUTES) || keytool.exitValue() != 0) {
            throw new IOException(Files.readString(folder.resolve("keytool.log")));
        }
        var keys = KeyStore.getInstance(file.toFile(), PASSWORD);
        var own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, PASSWORD);
        var trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("mail", keys.getCertificate("mail"));
        var others = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        others.init(trusted);
        var context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), others.getTrustManagers(), null);
        return context;
    }

    int port() {
        return listening.getLocalPort();
    }

    private void serve() {
        while (!listening.isClosed()) {
            try (var socket = listening.accept()) {
                socket.setSoTimeout(10_000);
                if (fromTheStart) {
                    talk(secured(socket), inTls, true);
                } else if (talk(socket, inClear, true)) {
                    talk(secured(socket), inTls, false);
                }
            } catch (IOException over) {
                // the client has left, or did not like the certificate
            }
        }
    }

    private Socket secured(Socket plain) throws IOException {
        var socket = (SSLSocket) tls.getSocketFactory().createSocket(plain, null, plain.getPort(), true);
        socket.setUseClientMode(false);
        socket.startHandshake();
        return socket;
    }

    /** Whether it ended with the wish to go on in TLS. */
    private boolean talk(Socket socket, List<String> heard, boolean greets) throws IOException {
        var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8), 1);
        var out = socket.getOutputStream();
        if (greets) out.write("220 mail\r\n".getBytes(UTF_8));
        var data = false;
        for (var line = in.readLine(); line != null; line = in.readLine()) {
            heard.add(line);
            if (data && !line.equals(".")) continue;
            var verb = data ? "." : line.split(" ")[0];
            data = verb.equals("DATA");
            var answer = switch (verb) {
                case "EHLO" -> heard == inClear && offers ? "250-mail\r\n250 STARTTLS" : "250-mail\r\n250 AUTH PLAIN";
                case "STARTTLS" -> "220 go";
                case "AUTH" -> "235 welcome";
                case "DATA" -> "354 go";
                case "QUIT" -> "221 bye";
                default -> "250 ok";
            };
            out.write((answer + "\r\n").getBytes(UTF_8));
            if (verb.equals("STARTTLS")) return true;
            if (verb.equals("QUIT")) return false;
        }
        return false;
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
