package io.muster.server.audit;

import io.muster.server.layout.State;
import io.muster.server.layout.Word;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the page of the trail shows.
 *
 * @param sent what is in the form, by the names of the parameters
 * @param api the same search as a call of the API
 * @param tenants whose logs there are, to choose from
 * @param older the next page; null: this is the last
 * @param first whether this page is the newest
 * @param proof of the first event that is shown; null: none is
 * @param unfinished the page ended before all was looked at
 */
public record AuditView(
        State state,
        String answer,
        String tenant,
        Map<String, String> sent,
        String api,
        List<String> tenants,
        List<Row> rows,
        @Nullable Bars bars,
        @Nullable String older,
        String newest,
        boolean first,
        boolean unfinished,
        @Nullable ProofView proof,
        @Nullable String proofOf,
        String exported,
        Map<String, String> problems) {

    /** One event in the table. */
    public record Row(
            String href,
            Instant at,
            String time,
            String icon,
            String who,
            String whoSub,
            String action,
            String resource,
            String where,
            String whereSub,
            Word status,
            String sequence) {}

    /**
     * How many events there were in each part of the time.
     *
     * @param words the finding, for who cannot see the picture
     * @param small how it was counted, where that is not all
     */
    public record Bars(List<Bar> bars, List<Line> lines, List<Mark> marks, String words, String small) {}

    /** One bar in three parts, from below; heights and places in the picture's units. */
    public record Bar(String title, double x, double width, double success, double failed, double denied) {
        public double failedAt() {
            return HEIGHT - success - failed;
        }

        public double deniedAt() {
            return HEIGHT - success - failed - denied;
        }

        public double successAt() {
            return HEIGHT - success;
        }
    }

    /** Units from the foot of the bars to their highest. */
    public static final int HEIGHT = 100;

    public record Line(double y, String text) {}

    public record Mark(double x, String text, String anchor) {}

    public String sent(String name) {
        return sent.getOrDefault(name, "");
    }

    public @Nullable String problem(String name) {
        return problems.get(name);
    }

    /** Whether one of the fields is used that are folded away. */
    public boolean more() {
        return List.of("subjectId", "service", "ip", "userAgent", "from", "to", "tz").stream()
                .anyMatch(name -> sent.containsKey(name) || problems.containsKey(name));
    }
}
