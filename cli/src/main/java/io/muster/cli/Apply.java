package io.muster.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Declares what files say. Each file is one document: all of it or nothing, in the order in which they are named. */
@Command(
        name = "apply",
        description = "Declares what YAML or JSON files say. Each file is applied whole or not at all.",
        mixinStandardHelpOptions = true)
class Apply implements Callable<Integer> {
    /** Most changes that are printed one by one. */
    private static final int MOST_LINES = 200;

    /** A document of the largest size is applied in about a minute. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    @Mixin
    Server server;

    @Spec
    CommandSpec spec;

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            required = true,
            arity = "1..*",
            description = "What to declare; - reads standard input.")
    List<String> files;

    @Option(names = "--dry-run", description = "Shows what would change, and changes nothing.")
    boolean dryRun;

    @Option(
            names = "--prune",
            description = "Deletes what an earlier apply of the same set declared and this one lacks.")
    boolean prune;

    @Override
    public Integer call() throws IOException {
        for (var file : files) {
            var type = file.endsWith(".json") ? "application/json" : "application/yaml";
            var path = "/api/v1/apply?dry_run=" + dryRun + "&prune=" + prune;
            try {
                print(server.call("POST", path, type, read(file), PATIENCE).json());
            } catch (IOException failure) {
                throw files.size() == 1 ? failure : new IOException(file + ": " + failure.getMessage(), failure);
            }
        }
        return 0;
    }

    private static byte[] read(String file) throws IOException {
        if (file.equals("-")) {
            return System.in.readAllBytes();
        }
        try {
            return Files.readAllBytes(Path.of(file));
        } catch (NoSuchFileException absent) {
            throw new IOException("there is no file " + file + ": name another with -f", absent);
        }
    }

    private void print(@Nullable Object answer) throws IOException {
        if (!(answer instanceof Map<?, ?> applied) || !(applied.get("changes") instanceof List<?> changes)) {
            throw new IOException("the server's answer is not one of Muster: is --server right?");
        }
        var out = spec.commandLine().getOut();
        var counts = new TreeMap<String, Integer>();
        int printed = 0;
        for (var item : changes) {
            if (!(item instanceof Map<?, ?> change)) continue;
            counts.merge(String.valueOf(change.get("change")), 1, Integer::sum);
            if (printed++ < MOST_LINES) print(out, change);
        }
        if (printed > MOST_LINES) {
            out.println("and " + (printed - MOST_LINES) + " more");
        }
        var summary = counts.isEmpty() ? "nothing to change" : summary(counts);
        var intent = Boolean.TRUE.equals(applied.get("dry_run")) ? "dry run, nothing was changed: " : "";
        out.println(intent + summary + "; " + applied.get("unchanged") + " unchanged");
    }

    private static void print(PrintWriter out, Map<?, ?> change) {
        out.println(change.get("change") + " " + change.get("kind") + " " + change.get("id"));
        if (change.get("before") instanceof Map<?, ?> before && change.get("after") instanceof Map<?, ?> after) {
            after.forEach((member, value) ->
                    out.println("    " + member + ": " + text(before.get(member)) + " -> " + text(value)));
        }
    }

    private static String text(@Nullable Object value) {
        var text = Objects.requireNonNullElse(value, "none").toString();
        return text.length() > 60 ? text.substring(0, 60) + "…" : text;
    }

    private static String summary(Map<String, Integer> counts) {
        var text = new StringBuilder();
        counts.forEach((verb, count) -> text.append(text.isEmpty() ? "" : ", ")
                .append(count)
                .append(' ')
                .append(verb));
        return text.toString();
    }
}
