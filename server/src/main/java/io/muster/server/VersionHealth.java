package io.muster.server;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.info.BuildProperties;
import org.springframework.stereotype.Component;

/** Never down: says to the admin's key which version this is, for {@code ./muster version} and {@code doctor}. */
@Component("version")
class VersionHealth implements HealthIndicator {
    private final ObjectProvider<BuildProperties> build;

    VersionHealth(ObjectProvider<BuildProperties> build) {
        this.build = build;
    }

    @Override
    public Health health() {
        var properties = build.getIfAvailable();
        return Health.up()
                .withDetail("version", properties == null ? "(development)" : String.valueOf(properties.getVersion()))
                .build();
    }
}
