package io.muster.server.residency;

import io.muster.server.layout.Axis;
import io.muster.server.layout.Lane;
import io.muster.server.layout.State;
import io.muster.server.layout.Word;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One exposure as its page shows it. */
public record ExposureView(
        long id,
        String title,
        State answerState,
        @Nullable Instant answerSince,
        String answerBefore,
        String answer,
        Word state,
        String reason,
        String tenant,
        String tenantName,
        String tier,
        String policy,
        String store,
        String region,
        String city,
        Instant since,
        @Nullable Instant until,
        String sinceSmall,
        String evidence,
        String evidenceSmall,
        @Nullable Decision decision,
        boolean mayDecide,
        boolean mayAttest,
        Axis axis,
        List<Lane> lanes,
        String allowed,
        List<Step> steps,
        List<Way> ways,
        List<Entry> history,
        List<Fact> facts) {

    /**
     * @param due until when a person decides
     * @param percent how much of the time is used
     * @param made what was decided, newest first
     */
    public record Decision(Word state, Instant aware, Instant due, String window, int percent, List<Made> made) {}

    public record Made(
            Instant at, String by, boolean told, @Nullable String authority, String document, String reason) {}

    /** What to do now. @param link where it is done; null: not elsewhere @param look Muster can see for itself; null: not */
    public record Step(
            String title,
            String text,
            @Nullable Link link,
            @Nullable Look look) {}

    /**
     * The last look of the store's probe.
     *
     * @param at null: it has not looked yet
     * @param text what it saw of the tenant, or why it saw nothing
     */
    public record Look(String store, @Nullable Instant at, Word word, String text) {}

    public record Link(String href, String text) {}

    /** How it can close, or cannot. */
    public record Way(String icon, String title, String text) {}

    public record Entry(Instant at, Word state, String evidence, String reason, String why) {}

    public record Fact(
            String name,
            @Nullable Link link,
            String text,
            @Nullable Word word) {}
}
