package io.muster.cli;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "demo",
        description = "Starts the demo; with --break or --heal: makes a job of the running demo fail, or work again.",
        mixinStandardHelpOptions = true)
class Demo implements Callable<Integer> {
    @Mixin
    Server server;

    @Option(names = "--port", description = "Where the demo listens, if not on 8080.")
    @Nullable Integer port;

    @Option(names = "--data", paramLabel = "FOLDER", description = "The demo's data folder, if not data/demo.")
    @Nullable Path data;

    @ArgGroup(multiplicity = "1")
    Act act;

    static class Act {
        @Option(
                names = "--break",
                paramLabel = "JOB",
                description = "The database that it replicates to refuses connections.")
        @Nullable String breaks;

        @Option(names = "--heal", paramLabel = "JOB", description = "That database accepts connections again.")
        @Nullable String heals;
    }

    @Spec
    CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (port != null) {
            server.url = URI.create("http://localhost:" + port);
        }
        if (data != null) {
            server.keyFile = data.resolve("admin.key");
        }
        var broken = act.breaks != null;
        var job = broken ? act.breaks : act.heals;
        server.call("POST", "/api/v1/demo/" + job + (broken ? "/break" : "/heal"), null);
        spec.commandLine().getOut().println(job + (broken ? " is broken now" : " works again"));
        return 0;
    }
}
