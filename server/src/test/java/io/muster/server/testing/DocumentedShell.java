package io.muster.server.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * What a page of the documentation says, typed literally into a shell: each block of {@code sh} is run, and each line of the
 * block of {@code text} behind it must be in what was printed. Only the server's address differs, as 8080 may be taken.
 */
public final class DocumentedShell {
    private static final Pattern BLOCK = Pattern.compile("```(sh|text)\\n(.*?)```", Pattern.DOTALL);

    private final Path folder;
    private final String base;

    /**
     * With {@code ./muster}, the client that the build has made.
     *
     * @param folder where it is typed
     * @param base of the server, {@code http://localhost:port}
     */
    public DocumentedShell(Path folder, String base) throws IOException {
        this.folder = folder;
        this.base = base;
        var client = Path.of("../cli/target/muster-cli.jar").toAbsolutePath().normalize();
        assertThat(client).as("build it first: ./muster build").exists();
        var launcher = folder.resolve("muster");
        Files.writeString(launcher, """
                #!/bin/sh
                export MUSTER_URL=%s
                exec '%s' -jar '%s' "$@"
                """.formatted(base, Path.of(System.getProperty("java.home"), "bin/java"), client));
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    public void types(String page, Map<String, String> environment) throws IOException, InterruptedException {
        var blocks = BLOCK.matcher(page)
                .results()
                .map(block -> List.of(block.group(1), block.group(2)))
                .toList();
        assertThat(blocks).isNotEmpty();
        var script = new StringBuilder("set -eu\n");
        int number = 0;
        for (var block : blocks) {
            if (block.getFirst().equals("sh")) {
                script.append("exec >printed-").append(++number).append("\n");
                script.append(block.getLast().replace("localhost:8080", base.substring("http://".length())));
            }
        }
        type(script.toString(), environment);
        number = 0;
        for (var block : blocks) {
            if (block.getFirst().equals("sh")) {
                number++;
            } else {
                assertThat(Files.readString(folder.resolve("printed-" + number)))
                        .contains(block.getLast().strip().split("\\n"));
            }
        }
    }

    private void type(String script, Map<String, String> environment) throws IOException, InterruptedException {
        var file = Files.writeString(folder.resolve("typed.sh"), script);
        var errors = new File(folder.toFile(), "errors");
        var builder = new ProcessBuilder("sh", file.toString())
                .directory(folder.toFile())
                .redirectError(errors);
        builder.environment().keySet().removeIf(name -> name.startsWith("MUSTER_"));
        builder.environment().putAll(environment);
        var shell = builder.start();
        assertThat(shell.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(shell.exitValue()).as(Files.readString(errors.toPath())).isZero();
    }
}
