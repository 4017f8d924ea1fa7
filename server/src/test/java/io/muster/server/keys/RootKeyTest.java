package io.muster.server.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.server.embedded.CannotStart;
import io.muster.server.embedded.DataFolder;
import io.muster.server.embedded.TestPostgres;
import io.muster.server.testing.TestClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** A database knows with which root key it was made, and a sealed text whether it was changed. */
class RootKeyTest {
    private static final String NOT_THE_DATABASES =
            "the root key of this server is not the one that the database was made with";

    @TempDir
    Path folder;

    private final List<DataFolder> open = new ArrayList<>();
    private final JdbcClient db = database();

    @AfterEach
    void close() throws Exception {
        for (var data : open) data.close();
    }

    @Test
    void the_first_start_makes_one_that_only_we_can_read_and_the_next_finds_it() throws Exception {
        var data = data("one");
        var first = new RootKey("", data, secrets(data), wrapped(data), db);
        var file = data.path().resolve("secrets/root");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(first.bytes()).hasSize(32);
        assertThat(new RootKey("", data, secrets(data), wrapped(data), db).bytes())
                .isEqualTo(first.bytes());
        assertThat(first).hasToString("***");
    }

    @Test
    void a_server_with_another_key_or_none_is_refused_and_makes_none() throws Exception {
        var right = given("right", 1);
        new RootKey("file:key", right, secrets(right), wrapped(right), db);
        var wrong = given("wrong", 2);
        assertThatThrownBy(() -> new RootKey("file:key", wrong, secrets(wrong), wrapped(wrong), db))
                .isInstanceOf(CannotStart.class)
                .hasMessageStartingWith(NOT_THE_DATABASES);
        var fresh = data("fresh");
        assertThatThrownBy(() -> new RootKey("", fresh, secrets(fresh), wrapped(fresh), db))
                .isInstanceOf(CannotStart.class)
                .hasMessageStartingWith(NOT_THE_DATABASES)
                .hasMessageContaining("bring back the file secrets/root");
        assertThat(fresh.path().resolve("secrets/root")).doesNotExist();
        new RootKey("file:key", right, secrets(right), wrapped(right), db);
    }

    @Test
    void what_is_no_key_is_refused_and_not_repeated() throws Exception {
        var data = data("data");
        var file = Files.createDirectories(data.path().resolve("given-secrets")).resolve("key");
        for (var text :
                List.of("", "c2hvcnQ=", "no base64!", Base64.getEncoder().encodeToString(new byte[33]))) {
            Files.writeString(file, text);
            assertThatThrownBy(() -> new RootKey("file:key", data, secrets(data), wrapped(data), db))
                    .isInstanceOf(CannotStart.class)
                    .hasMessage("MUSTER_ROOT_KEY, file:key, must hold 32 bytes in base64, as `openssl rand -base64 32`"
                            + " prints");
        }
        assertThatThrownBy(() -> new RootKey("file:absent", data, secrets(data), wrapped(data), db))
                .isInstanceOf(CannotStart.class)
                .hasMessageContaining("file:absent, which is not given");
        assertThatThrownBy(() -> new RootKey("c2VjcmV0", data, secrets(data), wrapped(data), db))
                .isInstanceOf(CannotStart.class)
                .message()
                .doesNotContain("c2VjcmV0");
        assertThat(db.sql("select count(*) from secret_check").query(Long.class).single())
                .isZero();
    }

    @Test
    void a_sealed_text_opens_with_its_key_only_and_only_as_it_was_sealed() throws Exception {
        var sealer = sealer(1);
        for (var text : List.of("", "a", "whsec_" + "x".repeat(3_000), "zwölf\nBoxkämpfer \uD83E\uDD4A")) {
            var sealed = sealer.seal(text);
            assertThat(sealed).matches("sealed:[A-Za-z0-9+/]+=*").isNotEqualTo(sealer.seal(text));
            assertThat(sealer.open(sealed)).isEqualTo(text);
            assertThatThrownBy(() -> sealer(2).open(sealed))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("changed, or sealed with another key");
        }
        var secret = sealer.seal("a literal");
        assertThat(secret).doesNotContain(Base64.getEncoder().encodeToString("a literal".getBytes()));
        var bytes = Base64.getDecoder().decode(secret.substring("sealed:".length()));
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            var changed = bytes.clone();
            changed[bit / 8] ^= (byte) (1 << (bit % 8));
            assertForged(sealer, changed);
        }
        for (int length = 0; length < bytes.length; length++) {
            assertForged(sealer, java.util.Arrays.copyOf(bytes, length));
        }
        assertForged(sealer, java.util.Arrays.copyOf(bytes, bytes.length + 1));
        assertThatThrownBy(() -> sealer.open("a literal")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> sealer.open("sealed:no base64!")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void a_literal_is_kept_sealed_and_a_reference_as_it_is() throws Exception {
        var sealer = sealer(1);
        var literal = sealer.store(GivenSecret.of("swordfish"));
        assertThat(literal).startsWith("sealed:").doesNotContain("swordfish");
        assertThat(sealer.load(literal)).isEqualTo(GivenSecret.of("swordfish")).hasToString("***");
        assertThat(sealer.resolve(sealer.load(literal))).contains("swordfish");
        var reference = sealer.store(GivenSecret.of("file:key"));
        assertThat(reference).isEqualTo("file:key");
        assertThat(sealer.load(reference)).hasToString("file:key");
    }

    private static void assertForged(Sealer sealer, byte[] bytes) {
        assertThatThrownBy(() -> sealer.open("sealed:" + Base64.getEncoder().encodeToString(bytes)))
                .isInstanceOf(IllegalStateException.class);
    }

    private Sealer sealer(int key) throws Exception {
        var data = given("sealer-" + open.size(), key);
        var secrets = secrets(data);
        return new Sealer(new Keys(new RootKey("file:key", data, secrets, wrapped(data), database())), secrets);
    }

    /** A data folder with a root key of 32 times the same byte among the given secrets. */
    private DataFolder given(String name, int key) throws Exception {
        var data = data(name);
        var bytes = new byte[32];
        java.util.Arrays.fill(bytes, (byte) key);
        Files.writeString(
                Files.createDirectories(data.path().resolve("given-secrets")).resolve("key"),
                Base64.getEncoder().encodeToString(bytes) + "\n");
        return data;
    }

    private DataFolder data(String name) {
        var data = DataFolder.open(folder.resolve(name));
        open.add(data);
        return data;
    }

    private static Secrets secrets(DataFolder data) {
        return new Secrets("", data, new StandardEnvironment());
    }

    private static WrappedRootKey wrapped(DataFolder data) {
        return new WrappedRootKey("file:root-key.wrapped", "file:root-key.login", secrets(data), new TestClock());
    }

    private static JdbcClient database() {
        var fresh = TestPostgres.fresh();
        return JdbcClient.create(new DriverManagerDataSource(fresh.url(), fresh.user(), fresh.password()));
    }
}
