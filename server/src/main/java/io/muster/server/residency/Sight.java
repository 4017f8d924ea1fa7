package io.muster.server.residency;

import io.muster.server.residency.ProbeRepository.Count;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a look saw.
 *
 * @param counts by tenant, of whom anything is there
 * @param rows of all tenants: rows of a query, objects of a bucket
 * @param bytes of all objects; null: not of a bucket
 * @param remarks what people should know of what was seen, and of what was not
 */
record Sight(List<Count> counts, long rows, @Nullable Long bytes, List<String> remarks) {}
