package io.muster.server.layout;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One line of a timeline.
 *
 * @param words the finding, for those who cannot see the picture
 * @param link of the label, if it leads somewhere
 */
public record Lane(
        String label,
        String small,
        @Nullable String link,
        String words,
        List<Bar> bars,
        List<Mark> marks,
        @Nullable Word end,
        String endSmall) {

    /** @param css the class that colours it, {@code f-bad} or {@code g-transit}; {@code text}: written inside it */
    public record Bar(
            Instant from, Instant to, String css, @Nullable String text, String title) {}

    /** @param text beside it; null: none */
    public record Mark(Instant at, State state, @Nullable String text, String title) {}

    public Lane(String label, String small, String words, List<Bar> bars, List<Mark> marks) {
        this(label, small, null, words, bars, marks, null, "");
    }
}
