package io.muster.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.util.FileSystemUtils;

/**
 * {@code ./muster} itself, in a checkout that holds nothing else, with a Maven that only leaves reports. What tests need
 * beside it seems to be there, whatever this machine has: else the launcher would install it, or end.
 */
class LauncherTest {
    private record Ended(int status, String out, String err) {}

    private Path checkout;
    private final List<Path> jdks = new ArrayList<>();

    @BeforeEach
    void newCheckout() throws Exception {
        checkout = Files.createTempDirectory("muster launcher ");
        Files.copy(Path.of("../muster"), checkout.resolve("muster"));
        executable(checkout.resolve("muster"));
        Files.writeString(checkout.resolve("pom.xml"), "<project/>");
        Files.createDirectory(checkout.resolve("bin"));
        for (var program : List.of("python3", "chromium", "go", "openssl", "systemd-analyze", "crontab")) {
            executable(Files.writeString(checkout.resolve("bin").resolve(program), "#!/bin/sh\n"));
        }
    }

    @AfterEach
    void removeCheckout() throws Exception {
        FileSystemUtils.deleteRecursively(checkout);
        for (var jdk : jdks) FileSystemUtils.deleteRecursively(jdk);
    }

    @Test
    void test_closes_with_the_sum_over_all_modules() throws Exception {
        maven("""
                report server/target/surefire-reports/TEST-a.xml 'tests="12" errors="0" skipped="2" failures="0"'
                report server/target/failsafe-reports/TEST-b.xml 'tests="3" errors="0" skipped="0" failures="0"'
                report cli/target/surefire-reports/TEST-c.xml 'tests="5" errors="0" skipped="0" failures="0"'
                """);
        var ended = muster("test");
        assertThat(ended.out()).endsWith("18 passed, 0 failed, 2 skipped\n");
        assertThat(ended.status()).isZero();
    }

    @Test
    void a_failed_test_is_counted_and_ends_1() throws Exception {
        maven("""
                report server/target/surefire-reports/TEST-a.xml 'tests="12" errors="1" skipped="0" failures="2"'
                exit 1
                """);
        var ended = muster("test");
        assertThat(ended.out()).endsWith("9 passed, 3 failed, 0 skipped\n");
        assertThat(ended.status()).isEqualTo(1);
    }

    @Test
    void a_build_that_fails_beside_its_tests_ends_1_and_old_reports_do_not_count() throws Exception {
        maven(
                "report server/target/surefire-reports/TEST-a.xml 'tests=\"1\" errors=\"0\" skipped=\"0\" failures=\"0\"'");
        assertThat(muster("test").status()).isZero();
        maven("exit 1");
        var ended = muster("test");
        assertThat(ended.out()).endsWith("0 passed, 0 failed, 0 skipped\n");
        assertThat(ended.err()).contains("the build failed beside the tests");
        assertThat(ended.status()).isEqualTo(1);
    }

    @Test
    void no_setting_of_the_caller_reaches_the_tests() throws Exception {
        maven("""
                env | grep '^MUSTER_' | grep -v '^MUSTER_TEST_' || true
                report server/target/surefire-reports/TEST-a.xml 'tests="1" errors="0" skipped="0" failures="0"'
                """);
        assertThat(muster("test").out()).isEqualTo("1 passed, 0 failed, 0 skipped\n");
    }

    @Test
    void tiers_are_groups_and_a_typing_error_is_wrong_usage() throws Exception {
        maven("""
                echo "$@" | grep -o 'excludedGroups=.*'
                report server/target/surefire-reports/TEST-a.xml 'tests="1" errors="0" skipped="0" failures="0"'
                """);
        assertThat(muster("test").out()).startsWith("excludedGroups=nightly\n");
        assertThat(muster("test", "--all").out()).startsWith("excludedGroups=\n");
        assertThat(muster("test", "--without", "browser").out()).startsWith("excludedGroups=nightly,browser\n");
        assertThat(muster("test", "--all", "--without", "browser").out()).startsWith("excludedGroups=browser\n");
        assertThat(muster("test", "--al").status()).isEqualTo(2);
        assertThat(muster("test", "--without", "tests").status()).isEqualTo(2);
    }

    @Test
    void jdk_is_found_where_runners_of_continuous_integration_name_it_though_an_older_one_is_the_default()
            throws Exception {
        var old = jdk("jdk-17", 17);
        var fit = jdk("jdk-99", 99);
        var builder = new ProcessBuilder(checkout.resolve("muster").toString(), "java")
                .redirectOutput(checkout.resolve("out").toFile());
        builder.environment().remove("MUSTER_JAVA_HOME");
        builder.environment().put("JAVA_HOME", old.toString());
        builder.environment().put("PATH", old.resolve("bin") + ":/usr/bin:/bin");
        builder.environment().put("JAVA_HOME_17_X64", old.toString());
        builder.environment().put("JAVA_HOME_99_X64", fit.toString());
        assertThat(builder.start().waitFor()).isZero();
        assertThat(Files.readString(checkout.resolve("out"))).isEqualTo(fit + "\n");
    }

    /** A folder that looks like one; without a blank in its path, as runners' have none. */
    private Path jdk(String name, int feature) throws Exception {
        var home = Files.createTempDirectory(name);
        jdks.add(home);
        for (var program : List.of("java", "javac")) {
            Files.createDirectories(home.resolve("bin"));
            executable(Files.writeString(home.resolve("bin").resolve(program), "#!/bin/sh\n"));
        }
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + feature + ".0.1\"\n");
        return home;
    }

    @Test
    void it_works_by_way_of_a_link_from_another_folder() throws Exception {
        var link = Files.createSymbolicLink(checkout.resolve("bin/m"), Path.of("../muster"));
        var ended = run(List.of(link.toString(), "java"));
        assertThat(ended.status()).isZero();
        assertThat(Path.of(ended.out().strip(), "bin/javac")).exists();
    }

    private Ended muster(String... arguments) throws Exception {
        var command = new ArrayList<>(List.of(checkout.resolve("muster").toString()));
        command.addAll(List.of(arguments));
        return run(command);
    }

    private Ended run(List<String> command) throws Exception {
        var out = checkout.resolve("out");
        var err = checkout.resolve("err");
        var builder = new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        var environment = builder.environment();
        environment.put("PATH", checkout.resolve("bin") + ":" + environment.get("PATH"));
        environment.put("MUSTER_DATABASE_URL", "jdbc:postgresql://production/muster");
        environment.put("MUSTER_TEST_DATABASE_URL", "jdbc:postgresql://other/postgres");
        var process = builder.start();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private void maven(String does) throws Exception {
        var mvn = checkout.resolve("bin/mvn");
        Files.writeString(mvn, """
                #!/bin/sh
                report() { mkdir -p "${1%/*}"; echo "<testsuite name=\\"x\\" $2>" >"$1"; }
                """ + does);
        executable(mvn);
    }

    private static void executable(Path file) throws Exception {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
