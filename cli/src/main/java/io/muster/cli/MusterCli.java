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
        subcommands = {
            Apply.class,
            Demo.class,
            Doctor.class,
            Exec.class,
            Ping.class,
            SignInLink.class,
            Verify.class,
            VersionCommand.class
        })
public class MusterCli {
    @Spec
    CommandLine.Model.CommandSpec spec;

    /** Exit codes: 0 done, 1 failed, 2 wrong usage; of verify, 1 is a lie and 2 what cannot be checked. */
    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        var all = new CommandLine(new MusterCli())
                .setExpandAtFiles(false) // an argument of a job may begin with @
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    command.getErr().println("muster: " + failure.getMessage());
                    return 1;
                });
        Objects.requireNonNull(all.getSubcommands().get("exec"))
                .setStopAtPositional(true); // the job's options are not ours
        return all;
    }

    static class Version implements IVersionProvider {
        static String text() {
            var version = MusterCli.class.getPackage().getImplementationVersion();
            return "muster " + Objects.requireNonNullElse(version, "(development)");
        }

        @Override
        public String[] getVersion() {
            return new String[] {text()};
        }
    }
}
