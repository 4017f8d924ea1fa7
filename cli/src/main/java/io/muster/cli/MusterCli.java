package io.muster.cli;

import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Spec;

/** {@code ./muster COMMAND}: all but those that build, test or serve. */
@Command(
        name = "muster",
        description = "Talks to a Muster server. Besides: build, serve, demo, test.",
        mixinStandardHelpOptions = true,
        versionProvider = MusterCli.Version.class,
        subcommands = {Apply.class, Demo.class, Ping.class, SignInLink.class})
public class MusterCli {
    @Spec
    CommandLine.Model.CommandSpec spec;

    /** Exit codes: 0 done, 1 failed, 2 wrong usage. */
    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new MusterCli()).setExecutionExceptionHandler((failure, command, parsed) -> {
            command.getErr().println("muster: " + failure.getMessage());
            return 1;
        });
    }

    @Command(name = "version", description = "Prints the version.")
    void version() {
        spec.commandLine().getOut().println(new Version().getVersion()[0]);
    }

    static class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            var version = MusterCli.class.getPackage().getImplementationVersion();
            return new String[] {"muster " + Objects.requireNonNullElse(version, "(development)")};
        }
    }
}
