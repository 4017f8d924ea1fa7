package io.muster.server.heartbeat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.muster.server.access.BaseUrl;
import io.muster.server.access.Project;
import io.muster.server.keys.Keys;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.stereotype.Component;
import org.springframework.web.util.UriUtils;

/** Addresses of badges. Who knows one can see one tag of one project, and learns no other. */
@Component
class BadgeKeys {

    /** The badge of all checks of a project. */
    static final String ALL = "*";

    private static final int LENGTH = 8;

    private final String secret;
    private final BaseUrl site;

    BadgeKeys(Keys keys, BaseUrl site) {
        this.secret = HexFormat.of().formatHex(keys.derive("badges"));
        this.site = site;
    }

    boolean isRight(String signature, Project project, String tag) {
        return MessageDigest.isEqual(
                signature.getBytes(UTF_8),
                signature(project.badgeKey(), secret, tag).getBytes(UTF_8));
    }

    /** By format, for two states and for three. */
    Map<String, String> urls(Project project, String tag) {
        var signature = signature(project.badgeKey(), secret, tag);
        var name = tag.equals(ALL) ? "" : "/" + UriUtils.encode(UriUtils.encode(tag, UTF_8), UTF_8);
        var urls = new LinkedHashMap<String, String>();
        for (var format : BadgeFilter.FORMATS) {
            var base = "/badge/" + project.badgeKey() + "/" + signature;
            urls.put(format, site.url(base + "-2" + name + "." + format));
            urls.put(format + "3", site.url(base + name + "." + format));
        }
        return urls;
    }

    /** The first 8 characters of base64url(HMAC-SHA1(SHA1(badgeKey + secret), tag)), as Healthchecks signs. */
    static String signature(String badgeKey, String secret, String tag) {
        try {
            var key = MessageDigest.getInstance("SHA-1").digest((badgeKey + secret).getBytes(UTF_8));
            var mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(key, "HmacSHA1"));
            return Base64.getUrlEncoder()
                    .encodeToString(mac.doFinal(tag.getBytes(UTF_8)))
                    .substring(0, LENGTH);
        } catch (GeneralSecurityException absent) {
            throw new IllegalStateException("this JDK has no SHA-1", absent);
        }
    }
}
