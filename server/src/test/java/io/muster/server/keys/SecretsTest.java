package io.muster.server.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.server.embedded.CannotStart;
import io.muster.server.embedded.DataFolder;
import io.muster.server.problem.Refused;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

/** References reach the given secrets and nothing else: neither other files, nor other variables, nor Muster's own secrets. */
class SecretsTest {
    @TempDir
    Path folder;

    private DataFolder data;
    private Path given;
    private Secrets secrets;

    @BeforeEach
    void oneSecretOfOursAndOneGiven() throws Exception {
        data = DataFolder.open(folder.resolve("data"));
        given = Files.createDirectories(data.path().resolve("given-secrets"));
        Files.writeString(given.resolve("password"), "given\n");
        Files.writeString(
                Files.createDirectories(data.path().resolve("secrets")).resolve("root"), "ours");
        secrets = secrets("");
    }

    @AfterEach
    void close() throws Exception {
        data.close();
    }

    @Test
    void a_given_file_and_a_given_variable_are_found_without_their_line_end() throws Exception {
        assertThat(resolve("file:password")).isEqualTo("given");
        assertThat(resolve("env:MUSTER_SECRET_INTAKE")).isEqualTo("from the environment");
        Files.writeString(given.resolve("password"), "rotated");
        assertThat(resolve("file:password")).isEqualTo("rotated");
        assertThat(resolve("file:absent")).isNull();
        assertThat(resolve("env:MUSTER_SECRET_ABSENT")).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file:../secrets/root",
                "file:..",
                "file:.",
                "file:",
                "file:a/b",
                "file:/etc/passwd",
                "file:///etc/passwd",
                "file:..\\secrets\\root",
                "file:%2e%2e%2fsecrets%2froot",
                "file:.hidden",
                "file:password\n",
                "file:password\u0000.txt",
                "file:pass word",
                "file:\uff0e\uff0e\uff0fsecrets",
                "env:PATH",
                "env:MUSTER_KEY",
                "env:MUSTER_DATABASE_PASSWORD",
                "env:MUSTER_SECRET_",
                "env:MUSTER_SECRET_A-B",
                "env:muster.database.password",
                "env:MUSTER_SECRET_${muster.database.password}",
                "FILE:password",
                "http://password",
                "swordfish",
                "file:swordfish/"
            })
    void nothing_else_can_be_named_and_what_was_sent_is_not_repeated(String reference) {
        assertThatThrownBy(() -> new SecretRef(reference))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("must be a reference to a secret")
                .message()
                .doesNotContain("swordfish");
    }

    @Test
    void a_link_leads_to_another_folder_but_never_to_our_own_secrets() throws Exception {
        var mounted = Files.writeString(
                Files.createDirectory(folder.resolve("mounted")).resolve("v2"), "linked");
        Files.createSymbolicLink(given.resolve("linked"), mounted);
        Files.createSymbolicLink(given.resolve("stolen"), data.path().resolve("secrets/root"));
        Files.createSymbolicLink(folder.resolve("by-the-way"), data.path().resolve("secrets"));
        Files.createSymbolicLink(given.resolve("also-stolen"), folder.resolve("by-the-way/root"));
        assertThat(resolve("file:linked")).isEqualTo("linked");
        assertThat(resolve("file:stolen")).isNull();
        assertThat(resolve("file:also-stolen")).isNull();
    }

    @Test
    void neither_our_own_folder_nor_a_way_into_it_can_be_the_folder_of_given_secrets() throws Exception {
        for (var own : new String[] {"secrets", "secrets/.", "given-secrets/../secrets", "secrets/below"}) {
            assertThatThrownBy(() -> secrets(data.path().resolve(own).toString()))
                    .as(own)
                    .isInstanceOf(CannotStart.class)
                    .hasMessageContaining("must not be Muster's own folder");
        }
        var link = Files.createSymbolicLink(folder.resolve("link"), data.path().resolve("secrets"));
        assertThat(secrets(link.toString()).resolve(new SecretRef("file:root"))).isEmpty();
        assertThat(secrets(data.path().toString()).resolve(new SecretRef("file:secrets")))
                .isEmpty();
    }

    @Test
    void what_is_too_large_or_no_file_is_not_given() throws Exception {
        Files.createDirectory(given.resolve("folder"));
        Files.write(given.resolve("large"), new byte[(64 << 10) + 1]);
        assertThat(resolve("file:folder")).isNull();
        assertThat(resolve("file:large")).isNull();
    }

    private String resolve(String reference) {
        return secrets.resolve(new SecretRef(reference)).orElse(null);
    }

    private Secrets secrets(String folder) {
        var environment = new StandardEnvironment();
        environment
                .getPropertySources()
                .addFirst(new MapPropertySource("test", Map.of("MUSTER_SECRET_INTAKE", "from the environment")));
        return new Secrets(folder, data, environment);
    }
}
