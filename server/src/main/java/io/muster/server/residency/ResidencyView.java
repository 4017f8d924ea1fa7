package io.muster.server.residency;

import io.muster.server.layout.Axis;
import io.muster.server.layout.Lane;
import io.muster.server.layout.State;
import io.muster.server.layout.Word;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where everybody's data is, by policy and region, as its page shows it. */
public record ResidencyView(
        State state,
        String answer,
        List<Column> columns,
        List<Row> rows,
        String foot,
        @Nullable Instant probed,
        Axis axis,
        List<Lane> lanes,
        String exposuresWords,
        List<Policy> policies,
        List<Due> due) {

    /** A region in which there are stores. @param trouble null: none */
    public record Column(String code, String city, @Nullable Word trouble) {

        /** The code in two lines: {@code eu-} and {@code central-1}. */
        public String codeBegin() {
            return code.substring(0, cut());
        }

        public String codeEnd() {
            return code.substring(cut());
        }

        private int cut() {
            return code.indexOf('-') < 0 ? code.length() : code.indexOf('-') + 1;
        }
    }

    public record Row(
            String policy,
            String name,
            String under,
            Word sum,
            String sumSmall,
            List<Cell> cells,
            List<Sub> exposed,
            long others) {}

    /** @param css home, stand, trans, allow, risk, bad or no */
    public record Cell(String css, String icon, String words, String text, String small) {}

    /** A tenant with an open exposure. */
    public record Sub(long exposure, String tenantName, String tier, Word word, List<Cell> cells) {}

    public record Policy(
            String id, String under, String home, String allowed, String conditional, String dwell, String decision) {}

    public record Due(long exposure, String tenantName, String policy, Instant by) {}
}
