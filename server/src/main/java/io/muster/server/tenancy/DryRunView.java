package io.muster.server.tenancy;

import io.muster.server.layout.State;
import io.muster.server.layout.Word;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A document, and what applying it would change.
 *
 * @param result null: nothing was looked at yet
 * @param problems what is wrong, each with its place
 */
public record DryRunView(
        String document, boolean prune, @Nullable Result result, List<String> problems) {

    /** @param button {@code Apply 5 changes, open 1 exposure}; empty if there is nothing to apply */
    public record Result(String title, State state, String answer, List<Row> rows, String more, String button) {}

    /** @param icon of what is done: created, updated, deleted */
    public record Row(
            String icon, String change, String kind, String id, List<Member> members, Word word, String follows) {}

    /** One member. @param was null: it is new @param becomes null: it goes */
    public record Member(
            String name, @Nullable String was, @Nullable String becomes) {}
}
