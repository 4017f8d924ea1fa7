package io.muster.server.keys;

import io.muster.server.problem.Problem;
import io.muster.server.problem.Refused;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/**
 * Long lists are answered in pages; a page's cursor is the place where the next one begins. It is opaque, of
 * {@code [A-Za-z0-9_-]} only, and accepted only if we made it, and for the same list.
 */
@Component
public class Cursors {

    private static final int MOST = 1_000;
    private static final int MAC = 16;
    private static final int LONGEST = 4000;

    /** {@code next} is the cursor of the next page; null at the end of the list. */
    public record Page<T>(List<T> items, @Nullable String next) {

        public <R> Page<R> map(Function<T, R> shown) {
            return new Page<>(items.stream().map(shown).toList(), next);
        }
    }

    private final byte[] key;

    Cursors(Keys keys) {
        this.key = keys.derive("cursors");
    }

    /** How many items a caller may ask for: 1 to 1,000. */
    public static int limit(int sent) {
        if (sent < 1 || sent > MOST) throw new Refused("limit", "must be between 1 and " + MOST + "; got " + sent);
        return sent;
    }

    /** The first {@code limit} of {@code found}, which has one more if the list goes on. */
    public <T> Page<T> page(String list, List<T> found, int limit, Function<T, String> position) {
        if (found.size() <= limit) return new Page<>(found, null);
        var items = found.subList(0, limit);
        return new Page<>(items, encode(list, position.apply(items.getLast())));
    }

    /** @param list a name that no other list has */
    public String encode(String list, String position) {
        var text = position.getBytes(StandardCharsets.UTF_8);
        var whole = Arrays.copyOf(mac(list, position), MAC + text.length);
        System.arraycopy(text, 0, whole, MAC, text.length);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(whole);
    }

    /** What {@link #encode} was given for the same list; a 400 for any other text. */
    public String decode(String list, String cursor) {
        if (cursor.length() <= LONGEST) {
            try {
                var whole = Base64.getUrlDecoder().decode(cursor);
                if (whole.length >= MAC) {
                    var position = new String(whole, MAC, whole.length - MAC, StandardCharsets.UTF_8);
                    if (MessageDigest.isEqual(Arrays.copyOf(whole, MAC), mac(list, position))) return position;
                }
            } catch (IllegalArgumentException notBase64) {
                // told below
            }
        }
        throw new Problem(
                HttpStatus.BAD_REQUEST,
                "bad_cursor",
                "The cursor is not one that Muster gave for this list: take `next` of the page before, or begin without a"
                        + " cursor.");
    }

    private byte[] mac(String list, String position) {
        return Arrays.copyOf(Keys.hmac(key, list + "\n" + position), MAC);
    }
}
