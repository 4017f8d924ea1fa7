package io.muster.server.incident;

import java.time.Duration;
import java.time.InstantSource;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/**
 * Whether alerts reach somebody. Never down: the server itself is well, and a load balancer that took it away would only
 * silence the alerts that still arrive.
 */
@Component("alertsHealthIndicator") // its name in health: alerts
class AlertHealth implements HealthIndicator {

    private static final Duration RECENT = Duration.ofDays(1);

    private final DeliveryRepository deliveries;
    private final ChannelRepository channels;
    private final InstantSource clock;

    AlertHealth(DeliveryRepository deliveries, ChannelRepository channels, InstantSource clock) {
        this.deliveries = deliveries;
        this.channels = channels;
        this.clock = clock;
    }

    @Override
    public Health health() {
        var trouble = deliveries.trouble(clock.instant().minus(RECENT));
        var disabled = channels.disabled();
        var health = Health.up()
                .withDetail("given_up_in_24_hours", trouble.givenUp())
                .withDetail("failing", trouble.failing())
                .withDetail("disabled_channels", disabled)
                .withDetail("channels_in_trouble", trouble.channels());
        return trouble.givenUp() == 0
                ? health.build()
                : health.withDetail(
                                "reason",
                                trouble.givenUp() + " alerts were given up: see /api/v1/deliveries?state=given_up")
                        .build();
    }
}
