package io.muster.server.layout;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A table of a page; on a telephone each row becomes a card whose members carry the column's name. */
public record Table(String name, List<Column> columns, List<List<Cell>> rows) {

    /** @param end at the right, as numbers are */
    public record Column(String title, boolean end) {
        public Column(String title) {
            this(title, false);
        }
    }

    /**
     * What stands in one cell: all of these that are not null, in this order.
     *
     * @param at shown as how long ago, or until
     * @param sub in small, below
     */
    public record Cell(
            @Nullable Word pill,
            @Nullable Word word,
            @Nullable String tier,
            @Nullable String href,
            @Nullable String text,
            @Nullable Instant at,
            @Nullable String sub,
            boolean mono,
            @Nullable Button button,
            @Nullable Bar bar,
            @Nullable List<Run> runs) {

        public static Cell pill(Word word) {
            return new Cell(word, null, null, null, null, null, null, false, null, null, null);
        }

        public static Cell word(Word word) {
            return new Cell(null, word, null, null, null, null, null, false, null, null, null);
        }

        public static Cell tier(String id) {
            return new Cell(null, null, id, null, null, null, null, false, null, null, null);
        }

        public static Cell text(@Nullable String text) {
            return new Cell(null, null, null, null, text, null, null, false, null, null, null);
        }

        public static Cell text(@Nullable String text, @Nullable String sub) {
            return new Cell(null, null, null, null, text, null, sub, false, null, null, null);
        }

        public static Cell link(String href, String text, @Nullable String sub) {
            return new Cell(null, null, null, href, text, null, sub, false, null, null, null);
        }

        public static Cell code(String text, @Nullable String sub) {
            return new Cell(null, null, null, null, text, null, sub, true, null, null, null);
        }

        public static Cell at(@Nullable Instant at, String otherwise) {
            return new Cell(null, null, null, null, at == null ? otherwise : null, at, null, false, null, null, null);
        }

        public static Cell button(Button button) {
            return new Cell(null, null, null, null, null, null, null, false, button, null, null);
        }

        public static Cell bar(Bar bar) {
            return new Cell(null, null, null, null, null, null, null, false, null, bar, null);
        }

        /** The last runs or tries as bars. */
        public static Cell runs(List<Run> runs) {
            return new Cell(null, null, null, null, null, null, null, false, null, null, runs);
        }

        public Cell with(String small) {
            return new Cell(pill, word, tier, href, text, at, small, mono, button, bar, runs);
        }
    }

    /**
     * A form of one button, or a link that looks like one.
     *
     * @param label what it does to what, for who cannot see the row
     * @param changes it is sent; else it only leads somewhere
     */
    public record Button(String path, String title, String label, boolean changes) {
        public Button(String path, String title, String label) {
            this(path, title, label, true);
        }
    }

    /** How much of what is allowed is used: {@code 11 min 4 s of 20 min}. @param percent 0 to 100 */
    public record Bar(State state, int percent, String actual, String allowed) {}
}
