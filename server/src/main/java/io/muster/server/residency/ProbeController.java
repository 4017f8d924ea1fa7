package io.muster.server.residency;

import io.muster.server.problem.Problem;
import io.muster.server.residency.ProbeRepository.Count;
import io.muster.server.residency.ProbeRunner.Result;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
class ProbeController {

    private final ProbeRepository probes;
    private final ProbeRunner runner;

    ProbeController(ProbeRepository probes, ProbeRunner runner) {
        this.probes = probes;
        this.runner = runner;
    }

    /**
     * What a look saw.
     *
     * @param state {@code ok}, or {@code failed}: then it proves nothing, and {@code failure} says why
     * @param rows of all tenants; of a bucket, objects
     * @param bytes of the objects; null: not of a bucket
     * @param remarks what people should know of what was seen, and of what was not
     * @param tenants those of whom there are rows, the oldest first; at most 1,000
     */
    record Look(
            String probe,
            String store,
            String state,
            Instant begunAt,
            double tookSeconds,
            @Nullable String failure,
            long tenantsTotal,
            long rows,
            @Nullable Long bytes,
            List<String> remarks,
            List<Seen> tenants) {

        record Seen(
                String tenant,
                @Nullable Long rows,
                @Nullable Long bytes,
                Instant oldest) {}
    }

    /** Looks now. */
    @PostMapping("/api/v1/probes/{id}/run")
    Look run(@PathVariable String id) {
        var stored = probes.find(List.of(id)).get(id);
        if (stored == null) {
            throw Problem.notFound("There is no probe " + id + ".");
        }
        var store = stored.probe().store();
        return switch (runner.run(id, stored.probe())) {
            case Result.Saw saw ->
                new Look(
                        id,
                        store,
                        "ok",
                        saw.begun(),
                        saw.seconds(),
                        null,
                        saw.sight().counts().size(),
                        saw.sight().rows(),
                        saw.sight().bytes(),
                        saw.sight().remarks(),
                        saw.sight().counts().stream()
                                .sorted(Comparator.comparing(Count::oldest).thenComparing(Count::tenant))
                                .limit(1_000)
                                .map(count ->
                                        new Look.Seen(count.tenant(), count.rows(), count.bytes(), count.oldest()))
                                .toList());
            case Result.Failed failed ->
                new Look(
                        id,
                        store,
                        "failed",
                        failed.begun(),
                        failed.seconds(),
                        failed.why(),
                        0,
                        0,
                        null,
                        List.of(),
                        List.of());
        };
    }
}
