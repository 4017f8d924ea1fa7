package io.muster.server.tenancy;

import io.muster.server.layout.State;
import io.muster.server.layout.Word;
import io.muster.server.layout.WorldMap;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One residency policy with all that it extends, as its page shows it.
 *
 * @param rest those of its tenants that are not among the worst
 * @param yaml as it is declared; null: it is a shipped preset
 * @param preset the one that it extends; null: none
 * @param versions newest first; empty: it is a shipped preset
 */
public record PolicyView(
        String id,
        String name,
        State state,
        String answer,
        List<Fact> facts,
        WorldMap map,
        List<Rule> rules,
        List<Sentence> words,
        List<Standing.Exposed> worst,
        List<Rest> rest,
        List<Standing.Keeper> jobs,
        String dwell,
        @Nullable String yaml,
        @Nullable Base preset,
        List<Version> versions,
        boolean olderVersions) {

    /** @param word below the value; null: none */
    public record Fact(String name, String value, @Nullable Word word, String small) {}

    /** @param css the ending of {@code pm-k-}: allow, cond, deny */
    public record Rule(
            String css,
            String name,
            String places,
            String condition,
            String data,
            @Nullable Word state) {}

    public record Rest(String tenants, String now, Word state) {}

    public record Sentence(String icon, String text, String small) {}

    /**
     * What it came to, with all that it extends.
     *
     * @param changes against the version before; empty: it is the first that is known
     * @param rules as YAML
     */
    public record Version(Instant since, List<DryRunView.Member> changes, String rules) {}

    public record Base(String id, String honest, String demandedBy, String law, String reviewAfter) {}
}
