package io.muster.server.incident.channel.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What a webhook is signed with: {@code whsec_} and base64 of 24 to 64 bytes. Never prints itself. */
public final class SigningSecret {

    private static final String PREFIX = "whsec_";

    private final byte[] key;

    private SigningSecret(byte[] key) {
        this.key = key;
    }

    /** The exception's message says what would be right, never what was given. */
    public static SigningSecret of(String text) {
        if (text.startsWith(PREFIX)) {
            try {
                var key = Base64.getDecoder().decode(text.substring(PREFIX.length()));
                if (key.length >= 24 && key.length <= 64) return new SigningSecret(key);
            } catch (IllegalArgumentException notBase64) {
                // told below
            }
        }
        throw new IllegalArgumentException(
                "must be whsec_ and base64 of 24 to 64 bytes, as" + " `echo whsec_$(openssl rand -base64 32)` prints");
    }

    /** {@code v1,} and base64 of HMAC-SHA-256 over {@code id.timestamp.body}. */
    String sign(String id, String timestamp, byte[] body) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            mac.update((id + "." + timestamp + ".").getBytes(UTF_8));
            return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
        } catch (GeneralSecurityException absent) {
            throw new IllegalStateException("this JDK has no HmacSHA256", absent);
        }
    }

    @Override
    public String toString() {
        return "***";
    }
}
