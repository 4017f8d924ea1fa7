package io.muster.server.residency.bucket;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import io.muster.server.testing.LocalHttp;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A small Azure Blob Storage with one account, {@code musterintake}, and one container, {@code /intake}, as Microsoft
 * documents it: it checks each signature by itself, pages by markers, and refuses in Azure's words. It answers GET alone.
 */
public final class FakeAzure implements AutoCloseable {

    public static final String ACCOUNT = "musterintake";
    public static final String KEY =
            Base64.getEncoder().encodeToString("a key of the account, 32 bytes!!".getBytes(UTF_8));
    public static final String SAS =
            "sv=2021-12-02&sr=c&sp=l&se=2027-01-01T00%3A00%3A00Z&sig=c2lnbmF0dXJl%2Bof%2Fit%3D";

    private record Stored(Instant modified, long bytes) {}

    private final LocalHttp server = new LocalHttp(this::answer);
    private final TreeMap<String, Stored> blobs = new TreeMap<>();
    private final List<String> seen = new CopyOnWriteArrayList<>();

    public volatile String sku = "Standard_LRS";

    public String url() {
        return server.url("/intake");
    }

    public synchronized void put(String name, String modified, long bytes) {
        blobs.put(name, new Stored(Instant.parse(modified), bytes));
    }

    public synchronized void clear() {
        blobs.clear();
    }

    public List<String> seen() {
        return seen;
    }

    @Override
    public void close() {
        server.close();
    }

    private void answer(HttpExchange exchange) throws IOException {
        var query = FakeS3.query(exchange);
        seen.add(exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath());
        if (exchange.getRequestHeaders().getFirst("x-ms-version") == null) {
            refuse(exchange, 400, "MissingRequiredHeader");
        } else if (!exchange.getRequestMethod().equals("GET")) {
            refuse(exchange, 405, "UnsupportedHttpVerb");
        } else if (!signed(exchange, query)) {
            refuse(exchange, 403, "AuthenticationFailed");
        } else if (!exchange.getRequestURI().getPath().equals("/intake")) {
            refuse(exchange, 404, "ContainerNotFound");
        } else if ("account".equals(query.get("restype"))) {
            exchange.getResponseHeaders().add("x-ms-sku-name", sku);
            FakeS3.send(exchange, 200, "");
        } else {
            list(exchange, query);
        }
    }

    private synchronized void list(HttpExchange exchange, TreeMap<String, String> query) throws IOException {
        var marker = query.getOrDefault("marker", "");
        var names = blobs.keySet().stream()
                .filter(name -> name.startsWith(query.getOrDefault("prefix", "")) && name.compareTo(marker) >= 0)
                .toList();
        var most = Math.min(5000, Integer.parseInt(query.getOrDefault("maxresults", "5000")));
        var xml = new StringBuilder("\ufeff<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults"
                + " ContainerName=\"intake\"><Blobs>");
        for (var name : names.subList(0, Math.min(most, names.size()))) {
            var blob = blobs.get(name);
            xml.append("<Blob><Name>")
                    .append(name.replace("&", "&amp;"))
                    .append("</Name><Properties><Creation-Time>")
                    .append(time(blob.modified().minusSeconds(86_400)))
                    .append("</Creation-Time><Last-Modified>")
                    .append(time(blob.modified()))
                    .append("</Last-Modified><Content-Length>")
                    .append(blob.bytes())
                    .append("</Content-Length><BlobType>BlockBlob</BlobType></Properties><OrMetadata/></Blob>");
        }
        xml.append("</Blobs><NextMarker>")
                .append(names.size() > most ? names.get(most).replace("&", "&amp;") : "");
        FakeS3.send(
                exchange, 200, xml.append("</NextMarker></EnumerationResults>").toString());
    }

    private static String time(Instant at) {
        return DateTimeFormatter.RFC_1123_DATE_TIME.format(at.atOffset(ZoneOffset.UTC));
    }

    private static void refuse(HttpExchange exchange, int status, String code) throws IOException {
        exchange.getResponseHeaders().add("x-ms-error-code", code);
        FakeS3.send(
                exchange,
                status,
                "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>" + code
                        + "</Code><Message>" + code
                        + " it is.\nRequestId:1\nTime:2</Message><AuthenticationErrorDetail>"
                        + "the string to sign</AuthenticationErrorDetail></Error>");
    }

    /** As Microsoft documents Shared Key for the Blob service from version 2015-02-21 on; or the SAS, word by word. */
    private boolean signed(HttpExchange exchange, TreeMap<String, String> query) {
        var headers = exchange.getRequestHeaders();
        var given = headers.getFirst("Authorization");
        if (given == null) {
            return ("&" + exchange.getRequestURI().getRawQuery() + "&").contains("&" + SAS + "&");
        }
        var toSign = new StringBuilder("GET\n");
        for (var name : List.of(
                "Content-Encoding",
                "Content-Language",
                "Content-Length",
                "Content-MD5",
                "Content-Type",
                "Date",
                "If-Modified-Since",
                "If-Match",
                "If-None-Match",
                "If-Unmodified-Since",
                "Range")) {
            var value = headers.getFirst(name);
            toSign.append(value == null || (name.equals("Content-Length") && value.equals("0")) ? "" : value)
                    .append('\n');
        }
        var own = new TreeMap<String, String>();
        headers.forEach((name, values) -> {
            var lower = name.toLowerCase(Locale.ROOT);
            if (lower.startsWith("x-ms-")) own.put(lower, values.getFirst().strip());
        });
        if (!own.containsKey("x-ms-date")) return false;
        own.forEach(
                (name, value) -> toSign.append(name).append(':').append(value).append('\n'));
        toSign.append('/').append(ACCOUNT).append(exchange.getRequestURI().getRawPath());
        query.forEach((name, value) -> toSign.append('\n')
                .append(name.toLowerCase(Locale.ROOT))
                .append(':')
                .append(value));
        var signature = Base64.getEncoder()
                .encodeToString(FakeS3.mac(Base64.getDecoder().decode(KEY), toSign.toString()));
        return given.equals("SharedKey " + ACCOUNT + ":" + signature);
    }
}
