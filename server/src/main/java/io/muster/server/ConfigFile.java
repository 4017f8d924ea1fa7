package io.muster.server;

import io.muster.server.embedded.CannotStart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.FileSystemResource;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/**
 * The file of {@code --config}: the same words as in the environment, such as {@code MUSTER_BASE_URL}, {@code base_url} or
 * {@code muster: {base_url: ...}}. What is set on the command line or in the environment wins.
 */
record ConfigFile(Path path, Map<String, Object> settings) {

    /** The settings that have words, by the property that each is. */
    static final Map<String, String> WORDS = words(
            "port",
            "host",
            "base-url",
            "database.url",
            "database.user",
            "database.password",
            "database.owner-user",
            "database.owner-password",
            "root-key",
            "root-key-wrapped",
            "root-key-login",
            "secrets",
            "outbound-allow",
            "drivers-from",
            "trusted-proxies",
            "smtp-url",
            "ping.body-limit",
            "ping.soft-errors",
            "ping.per-minute",
            "ping.url",
            "ping.retention",
            "check-limit",
            "audit-clear-details",
            "checkpoints");

    private static final List<String> SPRINGS_OWN = List.of("spring.", "server.", "logging.", "management.");

    void addTo(ConfigurableEnvironment environment) {
        environment
                .getPropertySources()
                .addAfter(
                        StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                        new MapPropertySource("config file " + path, settings));
    }

    /** Whether it holds more than Muster's words. */
    boolean hasSpringsOwn() {
        return settings.keySet().stream().anyMatch(ConfigFile::isSpringsOwn);
    }

    static ConfigFile read(Path file) {
        if (!Files.isReadable(file)) throw new CannotStart("cannot read the file of --config, " + file);
        var settings = new LinkedHashMap<String, Object>();
        try {
            for (var source : new YamlPropertySourceLoader().load("config", new FileSystemResource(file))) {
                var document = (EnumerablePropertySource<?>) source;
                for (var name : document.getPropertyNames()) {
                    var value = document.getProperty(name);
                    if (value != null) settings.put(property(name, file), value);
                }
            }
            return new ConfigFile(file, settings);
        } catch (CannotStart known) {
            throw known;
        } catch (IOException | RuntimeException failure) {
            throw new CannotStart("the file of --config, " + file + ", is not YAML" + where(failure));
        }
    }

    /** Line and column alone: what the parser itself says repeats the line, and that may hold a password. */
    private static String where(Exception failure) {
        return failure instanceof MarkedYAMLException marked && marked.getProblemMark() != null
                ? ": see line " + (marked.getProblemMark().getLine() + 1) + ", column "
                        + (marked.getProblemMark().getColumn() + 1)
                : "";
    }

    private static boolean isSpringsOwn(String name) {
        return SPRINGS_OWN.stream().anyMatch(name::startsWith);
    }

    private static String property(String name, Path file) {
        if (isSpringsOwn(name)) return name;
        var property = WORDS.get(word(name));
        if (property != null) return property;
        if (word(name).equals("data")) {
            throw new CannotStart("the data folder cannot be set in " + file + ", as it is locked first: use --data or"
                    + " MUSTER_DATA");
        }
        throw new CannotStart("unknown setting " + name + " in " + file + ": see docs/settings.md");
    }

    /** {@code MUSTER_BASE_URL}, {@code muster.base-url} and {@code base_url} are the same word. */
    private static String word(String name) {
        return name.toLowerCase(Locale.ROOT).replace('_', '.').replace('-', '.').replaceFirst("^muster\\.", "");
    }

    private static Map<String, String> words(String... properties) {
        var words = new LinkedHashMap<String, String>();
        for (var property : properties) {
            words.put(word(property), "muster." + property);
        }
        return words;
    }
}
