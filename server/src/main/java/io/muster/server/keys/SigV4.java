package io.muster.server.keys;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs requests as Amazon's services demand it. Paths and queries are signed as they stand in the URI, so they must be written in RFC
 * 3986's strict form.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html">Signature Version 4</a>
 */
public final class SigV4 {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final String keyId;
    private final String secret;
    private final String region;
    private final String service;

    /** @param service such as {@code s3} */
    public SigV4(String keyId, String secret, String region, String service) {
        this.keyId = keyId;
        this.secret = secret;
        this.region = region;
        this.service = service;
    }

    public String region() {
        return region;
    }

    public SigV4 in(String otherRegion) {
        return new SigV4(keyId, secret, otherRegion, service);
    }

    /** What to send along with a GET, beside the Host that the client sends. */
    public Map<String, String> headers(URI uri, Instant now) {
        return headers("GET", uri, new byte[0], Map.of(), now);
    }

    /**
     * The same for any request.
     *
     * @param more headers that are sent and signed too, by their names in lower case
     */
    Map<String, String> headers(String method, URI uri, byte[] body, Map<String, String> more, Instant now) {
        var time = TIME.format(now);
        var date = time.substring(0, 8);
        var hash = hex(sha256(body));
        var headers = new TreeMap<>(more);
        headers.put("x-amz-content-sha256", hash);
        headers.put("x-amz-date", time);
        var signed = new TreeMap<>(headers);
        signed.put("host", host(uri));
        var names = String.join(";", signed.keySet());
        // 1. the canonical request
        var canonical = new StringBuilder(method)
                .append('\n')
                .append(uri.getRawPath().isEmpty() ? "/" : uri.getRawPath())
                .append('\n')
                .append(canonicalQuery(uri))
                .append('\n');
        signed.forEach((name, value) ->
                canonical.append(name).append(':').append(value).append('\n'));
        canonical.append('\n').append(names).append('\n').append(hash);
        // 2. the string to sign
        var scope = date + "/" + region + "/" + service + "/aws4_request";
        var toSign = String.join(
                "\n",
                "AWS4-HMAC-SHA256",
                time,
                scope,
                hex(sha256(canonical.toString().getBytes(UTF_8))));
        // 3. the signature
        var ofDate = hmac(("AWS4" + secret).getBytes(UTF_8), date);
        var key = hmac(hmac(hmac(ofDate, region), service), "aws4_request");
        headers.put(
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=" + keyId + "/" + scope + ",SignedHeaders=" + names + ",Signature="
                        + hex(hmac(key, toSign)));
        return headers;
    }

    private static String canonicalQuery(URI uri) {
        if (uri.getRawQuery() == null) return "";
        return Arrays.stream(uri.getRawQuery().split("&"))
                .map(each -> each.contains("=") ? each : each + "=")
                .sorted()
                .collect(Collectors.joining("&"));
    }

    /** As the client writes it: the port only where it is not the scheme's own. */
    private static String host(URI uri) {
        var own = uri.getScheme().equals("https") ? 443 : 80;
        return uri.getPort() == -1 || uri.getPort() == own ? uri.getHost() : uri.getHost() + ":" + uri.getPort();
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static byte[] hmac(byte[] key, String text) {
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
