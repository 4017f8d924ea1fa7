package io.muster.cli;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HashMap;
import java.util.UUID;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * One ping that a job makes.
 *
 * @param said what follows the check's ping URL: nothing is a success, else {@code /start}, {@code /fail},
 *     {@code /log}, or a slash and the exit code
 * @param at when it was true, by this machine's clock
 * @param took how long the run took, where it has ended
 * @param manifest whether the body is a manifest, to which nothing may be added
 */
record Report(
        Address to,
        String said,
        @Nullable UUID rid,
        Instant at,
        @Nullable Duration took,
        boolean manifest,
        byte[] body) {
    private static final String FIRST_LINE = "muster report 1";

    /** Longest body that is sent: a manifest's. */
    static final int LONGEST_BODY = 1 << 20;

    static Report start(Address to, UUID rid, Instant at) {
        return new Report(to, "/start", rid, at, null, false, new byte[0]);
    }

    /** Whether it says how a run ended; else it changes nothing of whether the job is up. */
    boolean isVerdict() {
        return !said.equals("/start") && !said.equals("/log");
    }

    boolean isSuccess() {
        return said.isEmpty() || said.equals("/0");
    }

    /** The same as a note that changes no state, with what it said, and when, as its first line. */
    Report asLog(int limit) {
        return new Report(to, "/log", rid, at, took, false, withLine("replayed as a note: " + words(), limit));
    }

    /** The same with its first line saying since when it is true; a manifest stays as it is. */
    Report saidLate(int limit) {
        return manifest ? this : new Report(to, said, rid, at, took, false, withLine("told late: " + words(), limit));
    }

    private byte[] withLine(String words, int limit) {
        var line = ("muster: " + words + "\n").getBytes(StandardCharsets.UTF_8);
        int kept = Math.max(0, Math.min(body.length, limit - line.length));
        var all = Arrays.copyOf(line, line.length + kept);
        // of a manifest the beginning tells more, of output the end
        System.arraycopy(body, manifest ? 0 : body.length - kept, all, line.length, kept);
        return all;
    }

    /** As in {@code success at 2026-03-01T02:00:12Z, exit code 0, after 12 s}. */
    String words() {
        var verdict = switch (said) {
            case "", "/0" -> "success";
            case "/start" -> "start";
            case "/log" -> "a note";
            default -> "failure";
        };
        var exit = said.matches("/[0-9]+") ? ", exit code " + said.substring(1) : "";
        var after = took == null ? "" : ", after " + Durations.words(took);
        return verdict + " at " + at.truncatedTo(ChronoUnit.SECONDS) + exit + after;
    }

    // ---- as a file: lines, one empty, then the body. The checksum is over all but its own line. ----

    byte[] toBytes() {
        var rest = "to: " + to.line() + "\n"
                + "said: " + said + "\n"
                + "rid: " + (rid == null ? "" : rid) + "\n"
                + "at: " + at + "\n"
                + "took: " + (took == null ? "" : took) + "\n"
                + "manifest: " + manifest + "\n\n";
        var bytes = new ByteArrayOutputStream();
        bytes.writeBytes(rest.getBytes(StandardCharsets.UTF_8));
        bytes.writeBytes(body);
        var first = FIRST_LINE + "\ncrc: " + checksum(bytes.toByteArray()) + "\n";
        var all = new ByteArrayOutputStream();
        all.writeBytes(first.getBytes(StandardCharsets.UTF_8));
        all.writeBytes(bytes.toByteArray());
        return all.toByteArray();
    }

    /** Refuses whatever {@link #toBytes} did not write. */
    static Report ofBytes(byte[] bytes) {
        int checked = lineEnd(bytes, lineEnd(bytes, 0));
        var head = text(bytes, 0, checked).split("\n");
        if (!head[0].equals(FIRST_LINE)
                || !head[1].equals("crc: " + checksum(Arrays.copyOfRange(bytes, checked, bytes.length)))) {
            throw new IllegalArgumentException("not a whole report");
        }
        var lines = new HashMap<String, String>();
        int at = checked;
        for (int end = lineEnd(bytes, at); end > at + 1; end = lineEnd(bytes, at)) {
            var line = text(bytes, at, end - 1).split(": ?", 2);
            lines.put(line[0], line.length == 2 ? line[1] : "");
            at = end;
        }
        try {
            var rid = lines.getOrDefault("rid", "");
            var took = lines.getOrDefault("took", "");
            return new Report(
                    Address.ofLine(lines.getOrDefault("to", "")),
                    lines.getOrDefault("said", ""),
                    rid.isEmpty() ? null : UUID.fromString(rid),
                    Instant.parse(lines.getOrDefault("at", "")),
                    took.isEmpty() ? null : Duration.parse(took),
                    Boolean.parseBoolean(lines.get("manifest")),
                    Arrays.copyOfRange(bytes, at + 1, bytes.length));
        } catch (DateTimeException wrong) {
            throw new IllegalArgumentException("not a whole report", wrong);
        }
    }

    private static int lineEnd(byte[] bytes, int from) {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                return i + 1;
            }
        }
        throw new IllegalArgumentException("not a whole report");
    }

    private static String text(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }

    private static String checksum(byte[] bytes) {
        var crc = new CRC32();
        crc.update(bytes);
        return Long.toHexString(crc.getValue());
    }
}
