package io.muster.server.residency;

import io.muster.server.heartbeat.RunTotals;
import org.springframework.stereotype.Component;

/** Tells {@code heartbeat} what a manifest says of its run's size. */
@Component
class ManifestTotals implements RunTotals {

    @Override
    public Said of(byte[] body) {
        return Manifest.totals(body);
    }
}
