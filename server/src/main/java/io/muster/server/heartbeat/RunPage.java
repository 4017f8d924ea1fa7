package io.muster.server.heartbeat;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of the runs of a job.
 *
 * @param runs newest first by their last ping; may be fewer than were asked for
 * @param next before which ping the next page begins; null: there is none
 */
public record RunPage(List<RunRow> runs, @Nullable Long next) {}
