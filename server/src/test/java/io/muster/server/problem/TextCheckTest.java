package io.muster.server.problem;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextCheckTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "é€😀",
                "\"\\ud83d\\ude00\"",
                "\"\\\\u0000\"",
                "\"\\\\\\\\ud800\"",
                "\"\\u00e9\\n\\\"\""
            })
    void what_is_text_passes(String json) {
        assertThat(passes(TextCheck.json(), json.getBytes(StandardCharsets.UTF_8)))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u0000",
                "\"\\u0000\"",
                "\"\\ud800\"",
                "\"\\ud800\\n\"",
                "\"\\ud800\\ud800\\udc00\"",
                "\"\\udc00\"",
                "\"\\uDC00\\uD800\"",
                "\"\\ud83dé\"",
                "\"\\ud83d",
                "\"\\\\\\u0000\""
            })
    void what_a_database_cannot_keep_does_not(String json) {
        assertThat(passes(TextCheck.json(), json.getBytes(StandardCharsets.UTF_8)))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void it_takes_as_utf_8_what_the_jdk_takes(long seed) {
        var random = new Random(seed);
        var starts = new int[] {
            0x41, 0x7F, 0x80, 0xBF, 0xC0, 0xC2, 0xDF, 0xE0, 0xE1, 0xED, 0xEF, 0xF0, 0xF4, 0xF5, 0xFF, 0x9F, 0xA0, 0x8F,
            0x90
        };
        for (int n = 0; n < 20_000; n++) {
            var bytes = new byte[1 + random.nextInt(6)];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) starts[random.nextInt(starts.length)];
            }
            assertThat(passes(TextCheck.plain(), bytes))
                    .as("%s", (Object) bytes)
                    .isEqualTo(isUtf8(bytes));
        }
    }

    private static boolean isUtf8(byte[] bytes) {
        try {
            CharBuffer ignored = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes));
            return ignored != null;
        } catch (CharacterCodingException malformed) {
            return false;
        }
    }

    private static boolean passes(TextCheck check, byte[] bytes) {
        try {
            for (var octet : bytes) check.accept(octet & 0xff);
            check.end();
            return true;
        } catch (BrokenBody broken) {
            return false;
        }
    }
}
