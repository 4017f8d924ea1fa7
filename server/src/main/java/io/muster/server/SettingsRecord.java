package io.muster.server;

import io.muster.server.audit.AuditLog;
import io.muster.server.audit.OwnEvent;
import io.muster.server.embedded.DataFolder;
import io.muster.server.keys.Keys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Records at the start which settings are others than at this server's last start: their names, never what they are. The data folder
 * remembers an HMAC of each.
 */
@Component
class SettingsRecord {

    private static final Logger log = LoggerFactory.getLogger(SettingsRecord.class);

    private final Environment environment;
    private final Path file;
    private final byte[] key;
    private final AuditLog audit;
    private final TransactionOperations transaction;
    private final InstantSource clock;

    SettingsRecord(
            Environment environment,
            DataFolder data,
            Keys keys,
            AuditLog audit,
            TransactionOperations transaction,
            InstantSource clock) {
        this.environment = environment;
        this.file = data.path().resolve("settings.last");
        this.key = keys.derive("settings");
        this.audit = audit;
        this.transaction = transaction;
        this.clock = clock;
    }

    @EventListener(ApplicationReadyEvent.class)
    void compare() {
        var now = new TreeMap<String, String>();
        for (var property : ConfigFile.WORDS.values()) {
            var value = environment.getProperty(property, "");
            if (!value.isEmpty()) now.put(name(property), HexFormat.of().formatHex(Keys.hmac(key, value)));
        }
        try {
            if (Files.exists(file)) record(changed(read(), now));
            var fresh = file.resolveSibling(file.getFileName() + ".new");
            Files.write(
                    fresh,
                    now.entrySet().stream()
                            .map(one -> one.getKey() + " " + one.getValue())
                            .toList());
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException failure) {
            log.warn("which settings have changed is not known: {}", failure.toString());
        }
    }

    private static String name(String property) {
        return property.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    private Map<String, String> read() throws IOException {
        var before = new TreeMap<String, String>();
        for (var line : Files.readAllLines(file)) {
            int end = line.indexOf(' ');
            if (end > 0) before.put(line.substring(0, end), line.substring(end + 1));
        }
        return before;
    }

    private static List<String> changed(Map<String, String> before, Map<String, String> now) {
        var names = new TreeSet<>(before.keySet());
        names.addAll(now.keySet());
        names.removeIf(name -> before.getOrDefault(name, "").equals(now.getOrDefault(name, "")));
        return List.copyOf(names);
    }

    private void record(List<String> names) {
        if (names.isEmpty()) return;
        transaction.executeWithoutResult(_ -> audit.record(List.of(OwnEvent.of(
                OwnEvent.PLATFORM, "settings.changed", "/settings", clock.instant(), Map.of("names", names)))));
    }
}
