package io.muster.cli;

import io.muster.cli.Pings.Answer.Away;
import io.muster.cli.Pings.Answer.Refused;
import io.muster.cli.Pings.Answer.Taken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** One report of a job. Whoever knows the id may report: a key is looked for only where a slug stands alone. */
@Command(
        name = "ping",
        description = "Reports that a job was done; or what the option says.",
        mixinStandardHelpOptions = true)
class Ping implements Callable<Integer> {
    @Mixin
    Server server;

    @ArgGroup
    What what = new What();

    static class What {
        @Option(names = "--start", description = "The job begins.")
        boolean start;

        @Option(names = "--fail", description = "The job failed.")
        boolean fail;

        @Option(names = "--log", description = "Only a note: changes no state.")
        boolean log;

        @Option(
                names = "--exit-code",
                paramLabel = "N",
                description = "The job ended with N: 0 is done, 1 to 255 failed.")
        @Nullable Integer exitCode;

        String path() {
            if (exitCode != null) return "/" + exitCode;
            return start ? "/start" : fail ? "/fail" : log ? "/log" : "";
        }
    }

    @Option(
            names = {"-m", "--message"},
            paramLabel = "TEXT",
            description = "Kept with the report; - reads standard input.")
    @Nullable String message;

    @Option(names = "--rid", paramLabel = "UUID", description = "Of the run: the same with its start and its end.")
    @Nullable UUID rid;

    @Option(
            names = "--retry-for",
            paramLabel = "DURATION",
            converter = Durations.class,
            defaultValue = "0s",
            description = "How long it is tried, as 30s or 5m, while Muster does not answer. Default: once")
    Duration retryFor;

    @Parameters(paramLabel = "ID", description = Address.ID)
    String id;

    @Spec
    CommandSpec spec;

    private final InstantSource clock = InstantSource.system();

    @Override
    public Integer call() throws IOException {
        if (what.exitCode != null && (what.exitCode < 0 || what.exitCode > 255)) {
            throw new ParameterException(spec.commandLine(), "--exit-code must be from 0 to 255; got " + what.exitCode);
        }
        var report = new Report(server.address(id), what.path(), rid, clock.instant(), null, false, body());
        var pings = new Pings(server);
        var patience = new Patience(retryFor);
        for (int tries = 1; ; tries++) {
            switch (pings.send(report, message == null ? null : report.body())) {
                case Taken _ -> {
                    return 0;
                }
                case Refused(var why) -> throw new IOException(why);
                case Away away -> {
                    if (!patience.pause(Reporter.wait(tries, away))) {
                        throw new IOException(away.why());
                    }
                }
            }
        }
    }

    private byte[] body() throws IOException {
        if (message == null) {
            return new byte[0];
        }
        return message.equals("-") ? System.in.readAllBytes() : message.getBytes(StandardCharsets.UTF_8);
    }
}
