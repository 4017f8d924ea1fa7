package io.muster.server.heartbeat;

import static java.util.stream.Collectors.toUnmodifiableMap;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The names of time zones that a schedule may have; old ones are rewritten to what they are called now. */
public final class TimeZones {

    private static final Map<String, String> ALIASES = aliases();
    private static final Set<String> KNOWN = ZoneId.getAvailableZoneIds().stream()
            .filter(name -> !name.startsWith("SystemV/"))
            .collect(Collectors.toUnmodifiableSet());

    /** As it is written, in upper and lower case; no offsets, such as {@code +02:00}, and no short names of ours. */
    public static Optional<ZoneId> find(String name) {
        var now = ALIASES.getOrDefault(name, name);
        return KNOWN.contains(now) ? Optional.of(ZoneId.of(now)) : Optional.empty();
    }

    private static Map<String, String> aliases() {
        var file = Objects.requireNonNull(TimeZones.class.getResourceAsStream("/data/time-zone-aliases.txt"));
        try (var lines = new BufferedReader(new InputStreamReader(file, StandardCharsets.US_ASCII))) {
            return lines.lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split(" ", 2))
                    .collect(toUnmodifiableMap(words -> words[0], words -> words[1]));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private TimeZones() {}
}
