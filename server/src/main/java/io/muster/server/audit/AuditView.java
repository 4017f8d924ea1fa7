package io.muster.server.audit;

import io.muster.server.layout.State;
import io.muster.server.layout.Word;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the page of the trail shows.
 *
 * @param sent what is in the form, by the names of the parameters
 * @param api the same search as a call of the API
 * @param tenants whose logs there are, to choose from
 * @param events in the rows: repeats of one thing are one row
 * @param unfolded the same page with a row for each; empty: it is this one
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
        int events,
        String unfolded,
        @Nullable Bars bars,
        @Nullable Unusual unusual,
        @Nullable String older,
        String newest,
        boolean first,
        boolean unfinished,
        @Nullable ProofView proof,
        @Nullable String proofOf,
        String exported,
        Map<String, String> problems) {

    /** One event in the table, or several of the same one after the other, of which it is the newest. */
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
            String sequence) {

        boolean repeats(Row other) {
            return icon.equals(other.icon)
                    && who.equals(other.who)
                    && whoSub.equals(other.whoSub)
                    && action.equals(other.action)
                    && resource.equals(other.resource)
                    && where.equals(other.where)
                    && whereSub.equals(other.whereSub)
                    && status.equals(other.status);
        }

        /** @param first the oldest of them */
        Row folded(int times, Row first) {
            if (times == 1) return this;
            return new Row(
                    href,
                    at,
                    "from " + first.time,
                    icon,
                    who,
                    whoSub,
                    action,
                    resource,
                    where,
                    whereSub,
                    new Word(status.state(), status.icon(), times + " × " + status.text()),
                    sequence);
        }

        /** Repeats that stand together become one. */
        static List<Row> folded(List<Row> rows) {
            var folded = new ArrayList<Row>();
            for (int from = 0; from < rows.size(); ) {
                int to = from + 1;
                while (to < rows.size() && rows.get(to).repeats(rows.get(from))) to++;
                folded.add(rows.get(from).folded(to - from, rows.get(to - 1)));
                from = to;
            }
            return folded;
        }
    }

    /** Far more failures and denials at one time than at any other. */
    public record Unusual(String when, String words, String href) {}

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
