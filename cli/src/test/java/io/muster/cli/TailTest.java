package io.muster.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TailTest {
    @Test
    void little_output_is_reported_whole() {
        assertEquals("", report(new Tail(10), "", 10));
        assertEquals("note\nabc", report(of("abc", 10), "note\n", 20));
        assertEquals("0123456789", report(of("0123456789", 10), "", 10));
    }

    @Test
    void of_more_the_end_is_reported_in_the_room_there_is() {
        var cut = report(of("x".repeat(990) + "0123456789", 1000), "note\n", 80);
        assertEquals(78, cut.length()); // two were left for a larger number
        assertTrue(cut.startsWith("note\nmuster: the first 977 bytes of the output are cut\nx"), cut);
        assertTrue(cut.endsWith("x0123456789"), cut);
    }

    @Test
    void no_character_of_a_text_is_cut_in_two() {
        for (int limit = 60; limit < 70; limit++) {
            var cut = report(of("€".repeat(100), 300), "", limit);
            assertTrue(cut.endsWith("cut\n" + "€".repeat(cut.length() - cut.indexOf("cut\n") - 4)), cut);
        }
    }

    @Test
    void without_any_room_for_output_the_notes_come_first() {
        assertEquals("note", report(of("output", 10), "note\n", 4));
        assertEquals(
                "note\nmuster: the first 6 bytes of the output are cut\n", report(of("output", 0), "note\n", 1000));
    }

    /** Against the slow definition: all of it, and then its end. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void what_came_in_pieces_is_kept_like_the_whole(long seed) {
        var random = new Random(seed);
        int capacity = random.nextInt(1, 3000);
        var tail = new Tail(capacity);
        var all = new ByteArrayOutputStream();
        for (int i = 0; i < 50; i++) {
            var piece = new byte[random.nextInt(0, 1000)];
            for (int k = 0; k < piece.length; k++) piece[k] = (byte) random.nextInt(32, 127);
            tail.add(piece, piece.length);
            all.writeBytes(piece);
            int limit = random.nextInt(100, 3000);
            var whole = all.toString(StandardCharsets.US_ASCII);
            var got = report(tail, "", limit);
            if (whole.length() <= Math.min(limit, capacity)) {
                assertEquals(whole, got);
            } else {
                var line = got.substring(0, got.indexOf('\n') + 1);
                var kept = got.substring(line.length());
                assertTrue(whole.endsWith(kept));
                assertTrue(got.length() <= limit);
                assertEquals("%,d".formatted(whole.length() - kept.length()), line.split(" ")[3]);
                assertTrue(kept.length() == capacity || got.length() >= limit - 6, got.length() + " of " + limit);
            }
        }
    }

    private static Tail of(String text, int capacity) {
        var tail = new Tail(capacity);
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        tail.add(bytes, bytes.length);
        return tail;
    }

    private static String report(Tail tail, String notes, int limit) {
        return new String(tail.report(notes, limit), StandardCharsets.UTF_8);
    }
}
