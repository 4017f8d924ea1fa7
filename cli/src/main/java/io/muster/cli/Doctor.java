package io.muster.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Looks at all that a command needs, and says of each whether it is there and what to do if not. */
@Command(
        name = "doctor",
        description = "Looks whether this machine, the server and the key are well. Ends 1 if something is not.",
        mixinStandardHelpOptions = true)
class Doctor implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration CLOCKS_MAY_DIFFER = Duration.ofSeconds(5);
    private static final long LEAST_ROOM = 64L << 20;

    @Mixin
    Server server;

    @Option(
            names = "--spool",
            paramLabel = "FOLDER",
            defaultValue = "${env:MUSTER_SPOOL}",
            description = "That of exec; also MUSTER_SPOOL.")
    @Nullable Path spoolFolder;

    @Spec
    CommandSpec spec;

    private boolean wrong;

    private final InstantSource clock = InstantSource.system();

    @Override
    public Integer call() {
        well("java", Runtime.version() + ", " + System.getProperty("java.home"));
        well("client", MusterCli.Version.text());
        if (server()) {
            key();
        }
        var spool = spoolFolder == null ? Spool.ordinaryFolder(server.environment) : spoolFolder;
        spool(spool);
        disk(spool);
        disk(Path.of(server.environment.getOrDefault("MUSTER_DATA", "data")));
        return wrong ? 1 : 0;
    }

    /** Whether it answers. */
    private boolean server() {
        try {
            var health = Health.of(server, PATIENCE);
            if (health.up()) {
                well(
                        "server",
                        server.url
                                + health.version()
                                        .map(text -> ", version " + text)
                                        .orElse(""));
            } else if (health.wrong().isEmpty()) {
                wrong("server", server.url + " is not well: with the admin's key this says why");
            } else {
                health.wrong().forEach(why -> wrong("server", why + ": see docs/bad-days.md"));
            }
            health.clock().ifPresent(this::clock);
            return true;
        } catch (IOException failure) {
            wrong("server", String.valueOf(failure.getMessage()));
            return false;
        }
    }

    private void clock(Instant theirs) {
        var difference = Duration.between(theirs, clock.instant()).abs();
        if (difference.compareTo(CLOCKS_MAY_DIFFER) <= 0) {
            well("clock", "as the server's");
        } else {
            wrong("clock", "differs from the server's by " + Durations.words(difference) + ": mend the time service");
        }
    }

    private void key() {
        try {
            server.call("GET", "/api/v1/jobs?limit=1", null);
            well("key", "the server knows it");
        } catch (IOException failure) {
            wrong("key", String.valueOf(failure.getMessage()));
        }
    }

    private void spool(Path folder) {
        if (!Files.exists(folder)) {
            well("spool", folder + " will be made by exec");
            return;
        }
        try {
            var held = Spool.open(folder, Spool.Bounds.ORDINARY).held();
            if (held.corrupt() > 0) {
                wrong(
                        "spool",
                        folder + " has " + held.corrupt()
                                + " broken files (*.corrupt): look at them, then delete them");
            }
            if (held.reports() > 0) {
                wrong("spool", held.reports() + " reports wait in " + folder + ": ./muster exec --replay");
            } else if (held.corrupt() == 0) {
                well("spool", folder + " is empty");
            }
        } catch (IOException failure) {
            wrong("spool", folder + ": " + failure.getMessage());
        }
    }

    private void disk(Path folder) {
        for (var place = folder.toAbsolutePath(); place != null; place = place.getParent()) {
            if (Files.exists(place)) {
                try {
                    long free = Files.getFileStore(place).getUsableSpace();
                    var text = "%,d MB are free for %s".formatted(free >> 20, folder);
                    if (free < LEAST_ROOM) {
                        wrong("disk", text + ": make room");
                    } else {
                        well("disk", text);
                    }
                } catch (IOException failure) {
                    wrong("disk", "that of " + folder + " cannot be read: " + failure.getMessage());
                }
                return;
            }
        }
    }

    private void well(String what, String text) {
        spec.commandLine().getOut().println("ok     " + what + ": " + text);
    }

    private void wrong(String what, String text) {
        wrong = true;
        spec.commandLine().getOut().println("wrong  " + what + ": " + text);
    }
}
