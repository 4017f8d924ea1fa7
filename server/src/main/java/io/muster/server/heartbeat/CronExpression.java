package io.muster.server.heartbeat;

import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;

final class CronExpression {
    static boolean isValid(String text) {
        return text.length() <= 100;
    }

    static CronExpression of(String text) {
        return new CronExpression();
    }

    Optional<Instant> next(Instant after, ZoneId zone) {
        return Optional.empty();
    }
}
