package io.muster.server.heartbeat;

import io.muster.server.layout.Upcoming;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The settings of one check as a form.
 *
 * @param version of what is shown: if there is another when it is sent, nothing is changed
 * @param written what stands in the fields, by their names; what is ticked is there
 * @param problems what is wrong, by the names of fields; under the empty name what belongs to none
 * @param upcoming null: no schedule is written
 */
public record CheckEditView(
        String jobId,
        String title,
        String version,
        Map<String, String> written,
        Map<String, String> problems,
        List<Channel> channels,
        @Nullable Upcoming upcoming) {

    public record Channel(String name, String kind, boolean hears) {}

    public String value(String field) {
        return written.getOrDefault(field, "");
    }

    public boolean ticked(String field) {
        return written.containsKey(field);
    }

    public @Nullable String problem(String field) {
        return problems.get(field);
    }
}
