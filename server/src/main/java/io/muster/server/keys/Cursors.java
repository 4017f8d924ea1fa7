package io.muster.server.keys;

import io.muster.server.problem.Problem;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/** Cursors of lists: opaque, of {@code [A-Za-z0-9_-]} only, and accepted only if we made them. */
@Component
public class Cursors {

    private static final int MAC = 16;
    private static final int LONGEST = 4000;

    private final byte[] key;

    Cursors(Keys keys) {
        this.key = keys.derive("cursors");
    }

    public String encode(String position) {
        var mac = Arrays.copyOf(Keys.hmac(key, position), MAC);
        var text = position.getBytes(StandardCharsets.UTF_8);
        var whole = Arrays.copyOf(mac, MAC + text.length);
        System.arraycopy(text, 0, whole, MAC, text.length);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(whole);
    }

    /** What {@link #encode} was given; a 400 for any other text. */
    public String decode(String cursor) {
        if (cursor.length() <= LONGEST) {
            try {
                var whole = Base64.getUrlDecoder().decode(cursor);
                if (whole.length >= MAC) {
                    var position = new String(whole, MAC, whole.length - MAC, StandardCharsets.UTF_8);
                    if (MessageDigest.isEqual(
                            Arrays.copyOf(whole, MAC), Arrays.copyOf(Keys.hmac(key, position), MAC))) {
                        return position;
                    }
                }
            } catch (IllegalArgumentException notBase64) {
                // told below
            }
        }
        throw new Problem(
                HttpStatus.BAD_REQUEST,
                "bad_cursor",
                "The cursor is not one that Muster gave: take `next` of the page before, or begin without a cursor.");
    }
}
