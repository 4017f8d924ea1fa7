package io.muster.server.residency;

import io.muster.server.residency.Situation.Judged;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The sentences of an exposure's history: what happened, and by how much. */
final class Why {

    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

    /** Why it is, or becomes, what {@code verdict} says. */
    static String of(Situation situation, Judged verdict, Reason reason, Instant now) {
        var allowed = verdict.maxDwell().isZero()
                ? "none is allowed in " + situation.region()
                : length(verdict.maxDwell()) + " allowed";
        if (situation.seen() instanceof Seen.Rows rows) {
            var counted = rows.rows() == null ? "saw data and cannot tell whose" : "counted " + rows(rows.rows());
            return "probe %s %s, the oldest of %s; %s".formatted(rows.probe(), counted, clock(rows.oldest()), allowed);
        }
        var job = verdict.mover().map(Situation.Mover::name).orElse("no job");
        var behind = length(Duration.between(verdict.watermark().at(), now)) + " behind; " + allowed;
        return switch (reason) {
            case FAILED -> job + " failed and is " + behind;
            case LATE -> job + " did not report when it was due and is " + behind;
            case NEVER_RAN -> job + " has never reported a success and is " + behind;
            case OVERSTAYED -> job + " is " + behind;
            case NO_TRANSFER_RECORD ->
                "no transfer record covers " + situation.region() + ", and " + job + " is " + behind;
            case WRONG_REGION -> job + " reported " + situation.region();
        };
    }

    /** Why it is over. */
    static String proven(Situation situation, Watermark proven) {
        return switch (proven.evidence()) {
            case MEASURED ->
                situation.seen() instanceof Seen.Rows rows
                        ? "probe " + rows.probe() + " sees nothing older than " + clock(rows.oldest())
                        : "a probe sees no row of " + situation.tenant() + " in " + situation.store();
            case REPORTED ->
                "a manifest proves that all before " + clock(proven.at()) + " is home and gone from "
                        + situation.store();
            case INFERRED -> "a good run proves that all before " + clock(proven.at()) + " is home";
        };
    }

    static String clock(Instant at) {
        return CLOCK.format(at);
    }

    static String rows(long count) {
        return count == 1 ? "1 row" : String.format(Locale.ROOT, "%,d rows", count);
    }

    /** {@code 11 min 15 s}; the two largest units that count. */
    static String length(Duration length) {
        long seconds = Math.max(0, length.toSeconds());
        long days = seconds / 86_400;
        long hours = seconds / 3_600 % 24;
        long minutes = seconds / 60 % 60;
        if (days > 0) return days + " d" + (hours > 0 ? " " + hours + " h" : "");
        if (hours > 0) return hours + " h" + (minutes > 0 ? " " + minutes + " min" : "");
        if (minutes > 0) return minutes + " min" + (seconds % 60 > 0 ? " " + seconds % 60 + " s" : "");
        return seconds + " s";
    }

    private Why() {}
}
