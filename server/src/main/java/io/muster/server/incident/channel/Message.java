package io.muster.server.incident.channel;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one channel is told at once about one topic: a store and all that does not come out of it, or one job. It is stored
 * with the delivery, so that each try says the same.
 *
 * @param type the gravest of {@code changes}; {@code job.reminder} when nothing changed; {@code test}
 * @param at when it was put together; what it says was true then
 * @param job the one job that it is about; null if there are several, or none
 * @param jobs the first {@link #NAMED} of the jobs that it is about
 * @param tenants the first {@link #NAMED} of those whom it is about, those first who are new to it
 * @param since when the first of what {@code type} says began; of what is over, when it ended
 * @param began of what is over: since when it was so
 * @param cause how we know
 * @param changes what changed since the message before, by type: of how many jobs or tenants
 * @param open what is open now, by type
 */
public record Message(
        String type,
        Instant at,
        @Nullable Named job,
        List<Named> jobs,
        int jobsTotal,
        @Nullable String store,
        @Nullable String region,
        List<String> tenants,
        int tenantsTotal,
        Instant since,
        @Nullable Instant began,
        String cause,
        String whatToDo,
        String path,
        Map<String, Integer> changes,
        Map<String, Integer> open) {

    public static final int NAMED = 20;

    /** The type of what {@code POST /api/v1/alert-channels/<id>/test} sends. */
    public static final String TEST = "test";

    /** A job, as people know it. */
    public record Named(String id, String name) {}

    /** Whether all that this channel could hear of is over. */
    public boolean over() {
        return open.isEmpty();
    }

    /** How many jobs or tenants are {@code type} now. */
    public int open(String type) {
        return open.getOrDefault(type, 0);
    }

    /** How many jobs or tenants became {@code type} since the message before. */
    public int changed(String type) {
        return changes.getOrDefault(type, 0);
    }

    /** "Test from Muster, nothing is wrong". */
    public static Message test(Instant now) {
        return new Message(
                TEST,
                now,
                null,
                List.of(),
                0,
                null,
                null,
                List.of(),
                0,
                now,
                null,
                "Somebody asked Muster for a test of this channel.",
                "Nothing: if you read this, alerts reach you here.",
                "/alert-channels",
                Map.of(),
                Map.of());
    }
}
