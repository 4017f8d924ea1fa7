package io.muster.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "version",
        description = "Prints the version of this client, and that of the server if it answers the admin's key.",
        mixinStandardHelpOptions = true)
class VersionCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    @Mixin
    Server server;

    @Spec
    CommandSpec spec;

    @Override
    public Integer call() {
        var out = spec.commandLine().getOut();
        out.println(MusterCli.Version.text());
        try {
            var version = Health.of(server, PATIENCE).version();
            version.ifPresent(text -> out.println("server " + text + " at " + server.url));
        } catch (IOException none) {
            // nobody asked whether there is one
        }
        return 0;
    }
}
