package io.muster.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.muster.merklelog.CanonicalJson;
import io.muster.merklelog.Malformed;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MembersTest {
    private final Members members = new Members();

    /** What is taken in one pass is what the slow reader takes, and nothing else: by random documents, and by bytes of them changed. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void the_quick_reader_agrees_with_the_slow_one(long seed) {
        var random = new Random(seed);
        for (int round = 0; round < 1500; round++) {
            var text = object(random, 0);
            var bytes = round % 2 == 0 ? canonical(text) : text.getBytes(StandardCharsets.UTF_8);
            agree(bytes);
            for (int change = 0; change < 5; change++) {
                var changed = bytes.clone();
                int at = random.nextInt(changed.length);
                changed[at] = (byte)
                        (random.nextBoolean()
                                ? random.nextInt(256)
                                : "\"\\{}[],:0123456789eE.-u/ \n".charAt(random.nextInt(24)));
                agree(changed);
            }
        }
    }

    private static byte[] canonical(String text) {
        try {
            return CanonicalJson.of(text);
        } catch (Malformed asMadeAtRandom) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
    }

    private void agree(byte[] bytes) {
        byte[] expected = {};
        try {
            var text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            expected = text.strip().startsWith("{") ? CanonicalJson.of(text) : expected;
        } catch (CharacterCodingException | Malformed no) {
            // then it is to be refused
        }
        var within = new byte[bytes.length + 20]; // a line within other lines
        Arrays.fill(within, (byte) '7');
        System.arraycopy(bytes, 0, within, 9, bytes.length);
        var shown = new String(bytes, StandardCharsets.UTF_8);
        if (expected.length == 0) {
            assertThrows(Malformed.class, () -> members.read(within, 9, 9 + bytes.length), shown);
            assertThrows(Malformed.class, () -> members.readCanonical(within, 9, 9 + bytes.length), shown);
            return;
        }
        members.read(within, 9, 9 + bytes.length);
        assertEquals(new String(expected, StandardCharsets.UTF_8), copied(-1), shown);
        if (Arrays.equals(expected, bytes)) {
            members.readCanonical(within, 9, 9 + bytes.length);
            assertEquals(shown, copied(-1));
        } else {
            assertThrows(Malformed.class, () -> members.readCanonical(within, 9, 9 + bytes.length), shown);
        }
    }

    private String copied(int without) {
        var room = new byte[members.length() + 3];
        int end = members.copy(room, 3, without, -1);
        return new String(room, 3, end - 3, StandardCharsets.UTF_8);
    }

    private static String object(Random random, int depth) {
        return IntStream.range(0, random.nextInt(6))
                .mapToObj(i -> string(random) + blank(random) + ":" + value(random, depth))
                .collect(Collectors.joining("," + blank(random), "{", "}"));
    }

    private static String value(Random random, int depth) {
        return switch (random.nextInt(depth > 3 ? 5 : 7)) {
            case 0, 1 -> string(random);
            case 2 -> number(random);
            case 3 -> List.of("true", "false", "null").get(random.nextInt(3));
            case 4 -> String.valueOf(random.nextInt(2000) - 1000);
            case 5 -> object(random, depth + 1);
            default ->
                IntStream.range(0, random.nextInt(4))
                        .mapToObj(i -> value(random, depth + 1))
                        .collect(Collectors.joining(",", "[", "]"));
        };
    }

    private static String number(Random random) {
        return switch (random.nextInt(5)) {
            case 0 -> String.valueOf(random.nextInt(100_000) / 100.0);
            case 1 -> String.valueOf(random.nextDouble() * Math.pow(10, random.nextInt(40) - 20));
            case 2 -> "-0." + "0".repeat(random.nextInt(9)) + random.nextInt(1000);
            case 3 -> String.valueOf(random.nextLong() >> random.nextInt(60));
            default -> random.nextInt(50) + "." + random.nextLong(1, 1L << 60);
        };
    }

    private static String string(Random random) {
        return IntStream.range(0, random.nextInt(14))
                .mapToObj(i -> switch (random.nextInt(14)) {
                    case 0 ->
                        List.of("ü", "\u0080", "€", "\uffff", "😀", "\u007f", "\ue000")
                                .get(random.nextInt(7));
                    case 1 ->
                        List.of("\\n", "\\\"", "\\\\", "\\u001f", "\\u0000", "\\u001F", "\\u00fc", "\\/", "\\u000a")
                                .get(random.nextInt(9));
                    default -> String.valueOf((char) ('a' + random.nextInt(4)));
                })
                .collect(Collectors.joining("", "\"", "\""));
    }

    private static String blank(Random random) {
        return random.nextInt(40) == 0 ? " " : "";
    }

    @Test
    void members_are_found_compared_and_left_out() {
        var line = "{\"b\":1,\"a\":\"x\\u00fc\",\"c\":{\"z\":[],\"y\":1.50}}".getBytes(StandardCharsets.UTF_8);
        members.read(line, 0, line.length);
        assertEquals("{\"a\":\"xü\",\"b\":1,\"c\":{\"y\":1.5,\"z\":[]}}", copied(-1));
        assertEquals("{\"a\":\"xü\",\"c\":{\"y\":1.5,\"z\":[]}}", copied(members.find(Envelope.ascii("b"))));
        assertEquals("xü", members.string(members.get(Envelope.ascii("a"))));
        assertEquals(1, members.number(members.get(Envelope.ascii("b"))));
        assertEquals(-1, members.find(Envelope.ascii("d")));
        var told = assertThrows(Malformed.class, () -> members.number(members.get(Envelope.ascii("c"))));
        assertEquals("its c is no number from 0 to 2^53", told.getMessage());
    }
}
