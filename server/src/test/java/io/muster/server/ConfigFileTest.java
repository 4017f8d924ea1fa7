package io.muster.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.server.embedded.CannotStart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

class ConfigFileTest {

    @TempDir
    Path folder;

    @Test
    void every_setting_is_read_from_its_variable_in_the_environment() {
        var variables = new HashMap<String, Object>();
        ConfigFile.WORDS.values().forEach(property -> variables.put(variable(property), "value of " + property));
        var environment = environment(variables);
        assertThat(variables).hasSize(24).containsKeys("MUSTER_DATABASE_OWNER_USER", "MUSTER_PING_BODY_LIMIT");
        ConfigFile.WORDS.values().forEach(property -> {
            assertThat(environment.getProperty(property)).isEqualTo("value of " + property);
            assertThat(environment.resolvePlaceholders("${" + property + ":}")).isEqualTo("value of " + property);
        });
    }

    @Test
    void the_file_takes_the_same_words_in_any_of_their_forms() throws IOException {
        assertThat(read("""
                MUSTER_PORT: 9000
                base_url: https://muster.example.com
                ping_body_limit: 5
                muster:
                  database_owner_user: owner
                  trusted-proxies: 10.0.0.0/8,192.168.0.0/16
                database:
                  url: postgresql://db/muster
                logging.level.root: warn
                """))
                .isEqualTo(Map.of(
                        "muster.port", 9000,
                        "muster.base-url", "https://muster.example.com",
                        "muster.ping.body-limit", 5,
                        "muster.database.owner-user", "owner",
                        "muster.trusted-proxies", "10.0.0.0/8,192.168.0.0/16",
                        "muster.database.url", "postgresql://db/muster",
                        "logging.level.root", "warn"));
    }

    @Test
    void the_environment_and_the_command_line_win_over_the_file_and_the_file_over_defaults() throws IOException {
        var environment = environment(Map.of("MUSTER_PORT", "1", "MUSTER_HOST", "from environment"));
        environment.getPropertySources().addFirst(new MapPropertySource("command line", Map.of("muster.port", "2")));
        environment
                .getPropertySources()
                .addLast(new MapPropertySource("defaults", Map.of("muster.secrets", "default")));
        ConfigFile.read(Files.writeString(folder.resolve("muster.yaml"), "port: 3\nhost: file\nsecrets: file"))
                .addTo(environment);
        assertThat(environment.getProperty("muster.port")).isEqualTo("2");
        assertThat(environment.getProperty("muster.host")).isEqualTo("from environment");
        assertThat(environment.getProperty("muster.secrets")).isEqualTo("file");
    }

    @Test
    void a_word_that_is_none_is_refused_in_one_line() {
        assertThatThrownBy(() -> read("prot: 9000"))
                .isInstanceOf(CannotStart.class)
                .hasMessageContaining("unknown setting prot in");
        assertThatThrownBy(() -> read("data: /srv/muster")).hasMessageContaining("use --data or MUSTER_DATA");
        assertThatThrownBy(() -> read("port: [")).hasMessageContaining("is not YAML");
        // where it is wrong, and never what stands there
        assertThatThrownBy(() -> read("database:\n  password: hunter2: x"))
                .hasMessage("the file of --config, " + folder.resolve("muster.yaml")
                        + ", is not YAML: see line 2, column 20")
                .hasNoCause();
        assertThatThrownBy(() -> ConfigFile.read(folder.resolve("none")))
                .hasMessage("cannot read the file of --config, " + folder.resolve("none"));
    }

    private Map<String, Object> read(String text) throws IOException {
        return ConfigFile.read(Files.writeString(folder.resolve("muster.yaml"), text))
                .settings();
    }

    private static StandardEnvironment environment(Map<String, Object> variables) {
        var environment = new StandardEnvironment();
        environment
                .getPropertySources()
                .replace(
                        StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                        new SystemEnvironmentPropertySource(
                                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables));
        ConfigurationPropertySources.attach(environment);
        return environment;
    }

    private static String variable(String property) {
        return property.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }
}
