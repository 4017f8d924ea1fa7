package io.muster.server.residency.bucket;

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
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs GET requests without a body as S3 demands it. Paths and queries are signed as they stand in the URI, so they must
 * be written in RFC 3986's strict form.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html">Signature Version 4</a>
 */
final class SigV4 {

    private static final String EMPTY_BODY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private static final String SIGNED = "host;x-amz-content-sha256;x-amz-date";
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final String keyId;
    private final String secret;
    private final String region;

    SigV4(String keyId, String secret, String region) {
        this.keyId = keyId;
        this.secret = secret;
        this.region = region;
    }

    String region() {
        return region;
    }

    SigV4 in(String otherRegion) {
        return new SigV4(keyId, secret, otherRegion);
    }

    /** What to send along, beside the Host that the client sends. */
    Map<String, String> headers(URI uri, Instant now) {
        var time = TIME.format(now);
        var date = time.substring(0, 8);
        // 1. the canonical request
        var canonical = String.join(
                "\n",
                "GET",
                uri.getRawPath().isEmpty() ? "/" : uri.getRawPath(),
                canonicalQuery(uri),
                "host:" + host(uri),
                "x-amz-content-sha256:" + EMPTY_BODY,
                "x-amz-date:" + time,
                "",
                SIGNED,
                EMPTY_BODY);
        // 2. the string to sign
        var scope = date + "/" + region + "/s3/aws4_request";
        var toSign = String.join("\n", "AWS4-HMAC-SHA256", time, scope, hex(sha256(canonical)));
        // 3. the signature
        var ofDate = hmac(("AWS4" + secret).getBytes(UTF_8), date);
        var key = hmac(hmac(hmac(ofDate, region), "s3"), "aws4_request");
        return Map.of(
                "x-amz-content-sha256",
                EMPTY_BODY,
                "x-amz-date",
                time,
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=" + keyId + "/" + scope + ",SignedHeaders=" + SIGNED + ",Signature="
                        + hex(hmac(key, toSign)));
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

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
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
