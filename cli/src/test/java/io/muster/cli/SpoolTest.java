package io.muster.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolTest {
    private static final Instant NOW = Instant.parse("2026-03-01T03:00:00Z");
    private static final Address CHECK = new Address.PingUrl(URI.create("http://127.0.0.1:1/ping/k/one"));
    private static final Address OTHER = new Address.Named(URI.create("http://127.0.0.1:1/"), "two");

    @TempDir
    Path folder;

    @Test
    void a_report_is_read_as_it_was_written_and_never_in_part() {
        var body = new byte[300];
        for (int i = 0; i < body.length; i++) body[i] = (byte) i;
        for (var report : List.of(
                new Report(CHECK, "/3", UUID.randomUUID(), NOW, Duration.ofMillis(1234), false, body),
                new Report(OTHER, "", null, NOW, null, true, new byte[0]))) {
            var bytes = report.toBytes();
            var read = Report.ofBytes(bytes);
            assertEquals(report.to(), read.to());
            assertEquals(report.said(), read.said());
            assertEquals(report.rid(), read.rid());
            assertEquals(report.at(), read.at());
            assertEquals(report.took(), read.took());
            assertEquals(report.manifest(), read.manifest());
            assertArrayEquals(report.body(), read.body());
            for (int length = 0; length < bytes.length; length++) {
                var part = Arrays.copyOf(bytes, length);
                assertThrows(IllegalArgumentException.class, () -> Report.ofBytes(part));
            }
            for (int i = 0; i < bytes.length; i++) {
                var wrong = bytes.clone();
                wrong[i] ^= 1;
                assertThrows(IllegalArgumentException.class, () -> Report.ofBytes(wrong));
            }
        }
    }

    @Test
    void reports_stay_in_their_order_even_when_the_clock_is_set_back() throws IOException {
        var shelf = open(Spool.Bounds.ORDINARY).shelf(CHECK);
        shelf.keep(report(CHECK, "first"), NOW);
        shelf.keep(report(CHECK, "second"), NOW.minusSeconds(3600));
        shelf.keep(report(CHECK, "third"), NOW.minusSeconds(7200));
        assertEquals(List.of("first", "second", "third"), bodies(shelf));
    }

    @Test
    void what_is_too_much_goes_oldest_first_and_is_counted() throws IOException {
        var spool = open(new Spool.Bounds(3, 1_000_000, Duration.ofDays(7)));
        for (int i = 0; i < 5; i++) keep(spool, i % 2 == 0 ? CHECK : OTHER, "r" + i, NOW.plusSeconds(i));
        assertEquals(2, spool.trim(NOW.plusSeconds(10)));
        assertEquals(List.of("r2", "r4"), bodies(spool.shelf(CHECK)));
        assertEquals(List.of("r3"), bodies(spool.shelf(OTHER)));
        assertEquals(0, spool.trim(NOW.plusSeconds(10)));

        var narrow = Spool.open(
                folder.resolve("spool"), new Spool.Bounds(100, spool.held().bytes() - 1, Duration.ofDays(7)));
        assertEquals(1, narrow.trim(NOW.plusSeconds(10)));
        assertEquals(List.of("r4"), bodies(narrow.shelf(CHECK)));
        assertEquals(2, narrow.trim(NOW.plus(Duration.ofDays(8))));
        assertEquals(0, narrow.held().reports());
    }

    @Test
    void what_is_dropped_is_said() throws IOException {
        var spool = open(new Spool.Bounds(2, 1_000_000, Duration.ofDays(7)));
        for (int i = 0; i < 2; i++) keep(spool, CHECK, "r" + i, NOW.plusSeconds(i));
        var said = new ArrayList<String>();
        var reporter = new Reporter(new Pings(new Server()), spool, InstantSource.fixed(NOW.plusSeconds(5)), said::add);
        assertEquals(Reporter.Fate.KEPT, reporter.deliver(report(CHECK, "r2"), new Patience(Duration.ZERO), null));
        assertEquals(
                List.of(
                        "the spool " + spool.folder() + " holds at most 2 reports, 0 MB, 7 days: 1 report was dropped,"
                                + " the oldest first",
                        "no server answers at http://127.0.0.1:1: start it, or name it with --server",
                        "the report is kept in " + spool.folder()
                                + ": it goes out with the next exec, or by ./muster exec --replay"),
                said);
        assertEquals(List.of("r1", "r2"), bodies(spool.shelf(CHECK)));
    }

    @Test
    void one_at_a_time_delivers() throws IOException {
        var shelf = open(Spool.Bounds.ORDINARY).shelf(CHECK);
        try (var _ = shelf.hold(new Patience(Duration.ZERO)).orElseThrow()) {
            assertTrue(shelf.hold(new Patience(Duration.ZERO)).isEmpty());
        }
        shelf.hold(new Patience(Duration.ZERO)).orElseThrow().close();
    }

    @Test
    void what_killed_writers_left_is_cleared_away() throws IOException {
        var spool = open(Spool.Bounds.ORDINARY);
        keep(spool, CHECK, "whole", NOW);
        var shelf = spool.shelf(CHECK);
        var litter = Files.writeString(Path.of(shelf.toString(), "x.tmp"), "half");
        Files.setLastModifiedTime(litter, FileTime.from(NOW));
        spool.trim(NOW.plus(Duration.ofMinutes(10)));
        assertTrue(Files.exists(litter)); // perhaps it is being written
        spool.trim(NOW.plus(Duration.ofHours(2)));
        assertFalse(Files.exists(litter));
        assertEquals(List.of("whole"), bodies(shelf));
    }

    private Spool open(Spool.Bounds bounds) throws IOException {
        return Spool.open(folder.resolve("spool"), bounds);
    }

    private static void keep(Spool spool, Address to, String body, Instant at) throws IOException {
        spool.shelf(to).keep(report(to, body), at);
        for (var file : spool.shelf(to).files(Shelf.REPORT)) {
            if (Files.readString(file).endsWith(body)) Files.setLastModifiedTime(file, FileTime.from(at));
        }
    }

    private static Report report(Address to, String body) {
        return new Report(to, "/0", null, NOW, null, false, body.getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> bodies(Shelf shelf) throws IOException {
        return shelf.kept(new ArrayList<>()).stream()
                .map(kept -> new String(kept.report().body(), StandardCharsets.UTF_8))
                .toList();
    }
}
