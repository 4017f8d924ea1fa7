package io.muster.server.embedded;

import java.io.IOException;
import java.nio.file.Files;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/** Whether the data folder's disk has room. Not part of readiness: what can still be answered, is. */
@Component("disk")
class DiskHealth implements HealthIndicator {

    private static final long LEAST = 64L << 20; // a few segments of PostgreSQL's write-ahead log

    private final DataFolder folder;

    DiskHealth(DataFolder folder) {
        this.folder = folder;
    }

    @Override
    public Health health() {
        try {
            long free = Files.getFileStore(folder.path()).getUsableSpace();
            if (free >= LEAST) return Health.up().withDetail("free_bytes", free).build();
            return Health.down()
                    .withDetail("free_bytes", free)
                    .withDetail("reason", "the disk of the data folder is full: pings are refused until there is room")
                    .build();
        } catch (IOException failure) {
            return Health.down()
                    .withDetail("reason", "the data folder's disk cannot be read")
                    .build();
        }
    }
}
