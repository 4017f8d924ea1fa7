package io.muster.server.console;

import io.muster.server.layout.Axis;
import io.muster.server.layout.Lane;
import io.muster.server.layout.State;
import io.muster.server.layout.Word;
import io.muster.server.layout.WorldMap;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Everything at a glance, as its page shows it. */
public record OverviewView(
        State state,
        String answer,
        List<Kpi> kpis,
        List<Place> places,
        WorldMap map,
        List<Word> placeWords,
        List<Item> attention,
        String attentionWords,
        Axis axis,
        List<Lane> lanes,
        List<Event> events) {

    /** @param since shown as how long, behind the word; null: none */
    public record Kpi(
            String label,
            String href,
            String big,
            String of,
            Word word,
            @Nullable Instant since,
            String small) {}

    /** A region with stores. @param silent a probe there gives no answer */
    public record Place(String code, String city, Word word, String tenants, String note, boolean silent) {}

    /**
     * @param tier null: of no single tenant
     * @param at since or until when; null: not known
     */
    public record Item(
            Word word,
            @Nullable String tier,
            String title,
            String href,
            String text,
            @Nullable Instant at,
            String sideSmall) {}

    public record Event(Instant at, Word word, String href, String title, String text) {}
}
