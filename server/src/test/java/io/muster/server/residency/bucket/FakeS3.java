package io.muster.server.residency.bucket;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import io.muster.server.testing.LocalHttp;
import java.io.IOException;
import java.net.URLDecoder;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A small S3 with one bucket, {@code /intake}, as Amazon documents it: it checks each signature by itself, lists 1,000 keys
 * a page at most, and refuses in S3's words. It answers GET alone.
 */
public final class FakeS3 implements AutoCloseable {

    public static final String KEY = "AKIDEXAMPLE";
    public static final String SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    private static final Pattern AUTHORIZATION = Pattern.compile(
            "AWS4-HMAC-SHA256 Credential=([^/]+)/(\\d{8})/([^/]+)/s3/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})");

    private record Stored(Instant modified, long bytes, boolean deleted) {}

    private final LocalHttp server = new LocalHttp(this::answer);
    private final TreeMap<String, Stored> objects = new TreeMap<>();
    private final List<String> seen = new CopyOnWriteArrayList<>();

    /** As GetBucketLocation says it; empty: us-east-1, as Amazon has it. */
    public volatile String location = "us-east-1";

    /** What signatures must name. */
    public volatile String signedFor = "us-east-1";

    public volatile boolean keepsVersions;

    /** Answers {@code <status> <Code>} to lists, if not empty. */
    public volatile String refusing = "";

    /** What a list answers in place of a list, if not empty. */
    public volatile String nonsense = "";

    public String url() {
        return server.url("/intake");
    }

    public synchronized void put(String key, String modified, long bytes) {
        objects.put(key, new Stored(Instant.parse(modified), bytes, false));
    }

    /** What a bucket with versions does: the object is hidden, and there. */
    public synchronized void delete(String key) {
        if (keepsVersions) {
            objects.computeIfPresent(key, (_, old) -> new Stored(old.modified(), old.bytes(), true));
        } else {
            objects.remove(key);
        }
    }

    /** The queries that came, in order. */
    public List<String> seen() {
        return seen;
    }

    @Override
    public void close() {
        server.close();
    }

    private void answer(HttpExchange exchange) throws IOException {
        seen.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
        var wrong = wrong(exchange);
        if (wrong != null) {
            refuse(exchange, wrong, "");
            return;
        }
        var query = query(exchange);
        if (query.containsKey("location")) {
            send(
                    exchange,
                    200,
                    "<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" + location
                            + "</LocationConstraint>");
        } else if (query.containsKey("versioning")) {
            send(
                    exchange,
                    200,
                    "<VersioningConfiguration>" + (keepsVersions ? "<Status>Enabled</Status>" : "")
                            + "</VersioningConfiguration>");
        } else if (!refusing.isEmpty()) {
            refuse(exchange, refusing, "");
        } else if (!nonsense.isEmpty()) {
            send(exchange, 200, nonsense);
        } else if (query.containsKey("versions")) {
            versions(exchange, query);
        } else if ("2".equals(query.get("list-type"))) {
            list(exchange, query);
        } else {
            refuse(exchange, "501 NotImplemented", "");
        }
    }

    private synchronized void list(HttpExchange exchange, TreeMap<String, String> query) throws IOException {
        var token = query.getOrDefault("continuation-token", "");
        var after = token.isEmpty() ? "" : new String(Base64.getDecoder().decode(token), UTF_8);
        var keys = objects.keySet().stream()
                .filter(key -> !objects.get(key).deleted())
                .filter(key -> key.startsWith(query.getOrDefault("prefix", "")) && key.compareTo(after) > 0)
                .toList();
        var most = Math.min(1000, Integer.parseInt(query.getOrDefault("max-keys", "1000")));
        var page = keys.subList(0, Math.min(most, keys.size()));
        var xml = new StringBuilder(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult"
                        + " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>intake</Name><EncodingType>url</EncodingType>");
        xml.append("<KeyCount>").append(page.size()).append("</KeyCount>");
        xml.append("<IsTruncated>").append(page.size() < keys.size()).append("</IsTruncated>");
        if (page.size() < keys.size()) {
            xml.append("<NextContinuationToken>")
                    .append(Base64.getEncoder().encodeToString(page.getLast().getBytes(UTF_8)))
                    .append("</NextContinuationToken>");
        }
        page.forEach(key -> xml.append("\n<Contents>").append(object(key)).append("</Contents>"));
        send(exchange, 200, xml.append("</ListBucketResult>").toString());
    }

    private synchronized void versions(HttpExchange exchange, TreeMap<String, String> query) throws IOException {
        var after = query.getOrDefault("key-marker", "");
        var keys = objects.keySet().stream()
                .filter(key -> key.startsWith(query.getOrDefault("prefix", "")) && key.compareTo(after) > 0)
                .toList();
        var page = keys.subList(0, Math.min(1000, keys.size()));
        var xml = new StringBuilder("<ListVersionsResult><EncodingType>url</EncodingType><IsTruncated>"
                + (page.size() < keys.size()) + "</IsTruncated>");
        if (page.size() < keys.size()) {
            xml.append("<NextKeyMarker>").append(strict(page.getLast())).append("</NextKeyMarker>");
            xml.append("<NextVersionIdMarker>v1</NextVersionIdMarker>");
        }
        for (var key : page) {
            xml.append("<Version><VersionId>v1</VersionId>").append(object(key)).append("</Version>");
            if (objects.get(key).deleted()) {
                xml.append("<DeleteMarker><Key>").append(strict(key)).append("</Key><VersionId>v2</VersionId>");
                xml.append("<LastModified>2026-03-01T03:00:00.000Z</LastModified></DeleteMarker>");
            }
        }
        send(exchange, 200, xml.append("</ListVersionsResult>").toString());
    }

    private String object(String key) {
        var stored = objects.get(key);
        return "<Key>" + strict(key) + "</Key><LastModified>" + stored.modified()
                + "</LastModified><ETag>&quot;d41d8cd98f00b204e9800998ecf8427e&quot;</ETag><Size>" + stored.bytes()
                + "</Size><StorageClass>STANDARD</StorageClass>";
    }

    private void refuse(HttpExchange exchange, String wrong, String more) throws IOException {
        var code = wrong.substring(4);
        if (code.startsWith("PermanentRedirect")) {
            exchange.getResponseHeaders().add("x-amz-bucket-region", location);
            exchange.getResponseHeaders().add("Location", "http://127.0.0.1:1/elsewhere");
        }
        send(
                exchange,
                Integer.parseInt(wrong.substring(0, 3)),
                "<Error><Code>" + code.replaceFirst(" .*", "")
                        + "</Code><Message>" + code + " &amp; more</Message>"
                        + (code.startsWith("AuthorizationHeaderMalformed") ? "<Region>" + signedFor + "</Region>" : "")
                        + more
                        + "<RequestId>4442587FB7D0A2F9</RequestId></Error>");
    }

    // ---- what Amazon checks, written down once more

    private String wrong(HttpExchange exchange) {
        if (!exchange.getRequestMethod().equals("GET")) return "405 MethodNotAllowed";
        var header = exchange.getRequestHeaders().getFirst("Authorization");
        if (header == null) return "403 AccessDenied";
        var parts = AUTHORIZATION.matcher(header);
        if (!parts.matches()) return "400 AuthorizationHeaderMalformed";
        if (!parts.group(1).equals(KEY)) return "403 InvalidAccessKeyId";
        if (!parts.group(3).equals(signedFor)) return "400 AuthorizationHeaderMalformed";
        var date = exchange.getRequestHeaders().getFirst("x-amz-date");
        if (date == null || !date.startsWith(parts.group(2))) return "403 RequestTimeTooSkewed";
        var names = List.of(parts.group(4).split(";"));
        if (!names.contains("host") || !names.contains("x-amz-date") || !names.contains("x-amz-content-sha256")) {
            return "403 AccessDenied";
        }
        var hash = exchange.getRequestHeaders().getFirst("x-amz-content-sha256");
        if (!hash.equals(hex(sha256("")))) return "400 XAmzContentSHA256Mismatch";
        var canonical = new StringBuilder("GET\n")
                .append(exchange.getRequestURI().getRawPath())
                .append('\n');
        var pairs = new ArrayList<String>();
        query(exchange).forEach((name, value) -> pairs.add(strict(name) + "=" + strict(value)));
        canonical.append(String.join("&", pairs)).append('\n');
        for (var name : names) {
            canonical.append(name).append(':');
            canonical
                    .append(exchange.getRequestHeaders().getFirst(name).strip())
                    .append('\n');
        }
        canonical.append('\n').append(parts.group(4)).append('\n').append(hash);
        var scope = parts.group(2) + "/" + signedFor + "/s3/aws4_request";
        var toSign = "AWS4-HMAC-SHA256\n" + date + "\n" + scope + "\n" + hex(sha256(canonical.toString()));
        var key = ("AWS4" + SECRET).getBytes(UTF_8);
        for (var step : List.of(parts.group(2), signedFor, "s3", "aws4_request")) key = mac(key, step);
        return hex(mac(key, toSign)).equals(parts.group(5)) ? null : "403 SignatureDoesNotMatch";
    }

    static TreeMap<String, String> query(HttpExchange exchange) {
        var query = new TreeMap<String, String>();
        for (var pair : exchange.getRequestURI().getRawQuery().split("&")) {
            var parts = pair.split("=", 2);
            query.put(URLDecoder.decode(parts[0], UTF_8), parts.length < 2 ? "" : URLDecoder.decode(parts[1], UTF_8));
        }
        return query;
    }

    /** RFC 3986: all but the unreserved characters, byte by byte. */
    static String strict(String text) {
        var encoded = new StringBuilder();
        for (var each : text.getBytes(UTF_8)) {
            var character = (char) (each & 0xff);
            if ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~".indexOf(character) >= 0) {
                encoded.append(character);
            } else {
                encoded.append("%%%02X".formatted((int) character));
            }
        }
        return encoded.toString();
    }

    static void send(HttpExchange exchange, int status, String xml) throws IOException {
        exchange.getResponseHeaders().add("Content-Type", "application/xml");
        var body = xml.getBytes(UTF_8);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    static byte[] mac(byte[] key, String text) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(UTF_8));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
