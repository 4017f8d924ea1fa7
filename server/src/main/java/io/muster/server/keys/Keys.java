package io.muster.server.keys;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.UUID;
import javax.crypto.KDF;
import javax.crypto.Mac;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.stereotype.Component;

/** Keys for one purpose each, all derived from the root key: who learns one learns no other. */
@Component
public class Keys {

    private final RootKey root;

    Keys(RootKey root) {
        this.root = root;
    }

    /** 32 bytes: HKDF-SHA256 of the root key, with the purpose as {@code info}. The same purpose gives the same key. */
    public byte[] derive(String purpose) {
        try {
            return KDF.getInstance("HKDF-SHA256")
                    .deriveData(HKDFParameterSpec.ofExtract()
                            .addIKM(root.bytes())
                            .thenExpand(("muster " + purpose).getBytes(StandardCharsets.UTF_8), 32));
        } catch (GeneralSecurityException absent) {
            throw new IllegalStateException("this JDK has no HKDF-SHA256", absent);
        }
    }

    /** HMAC-SHA-256 of {@code text}; {@code key} is one that {@link #derive} made. */
    public static byte[] hmac(byte[] key, String text) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException absent) {
            throw new IllegalStateException("this JDK has no HmacSHA256", absent);
        }
    }

    /** An id that {@code text} has each time under this key, and that nobody can guess without it (RFC 9562, version 8). */
    public static UUID uuid(byte[] key, String text) {
        var bytes = ByteBuffer.wrap(hmac(key, text));
        return new UUID(bytes.getLong() & ~0xf000L | 0x8000, bytes.getLong() >>> 2 | 1L << 63);
    }
}
