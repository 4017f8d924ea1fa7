package io.muster.server.layout;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One bar of the last 30 runs or tries.
 *
 * @param seconds how long it took; negative if unknown
 */
public record Run(Kind kind, double seconds) {
    /** How many there is room for. */
    public static final int SHOWN = 30;

    public enum Kind {
        OK,
        BAD,
        MISSED,
        RUN
    }

    /** A bar in a picture of 179 x 28. */
    public record Drawn(String css, int x, String y, String height) {}

    /** The newest stand at the right; height is duration, full where it is unknown. */
    public static List<Drawn> draw(List<Run> runs) {
        var longest = runs.stream().mapToDouble(Run::seconds).max().orElse(0);
        var drawn = new ArrayList<Drawn>();
        for (var i = 0; i < SHOWN; i++) {
            var at = i - (SHOWN - runs.size());
            var x = i * 6;
            if (at < 0) {
                drawn.add(new Drawn("r-none", x, "26", "2"));
                continue;
            }
            var run = runs.get(at);
            var height = run.seconds < 0 || longest <= 0 ? 20 : 6 + 18 * run.seconds / longest;
            drawn.add(new Drawn("r-" + run.kind.name().toLowerCase(Locale.ROOT), x, two(28 - height), two(height)));
        }
        return drawn;
    }

    /** {@code 30 runs: 25 passed, 5 failed}. */
    public static String words(List<Run> runs, String noun) {
        if (runs.isEmpty()) return "no " + noun + " yet";
        var words = new ArrayList<String>();
        tell(words, runs, Kind.OK, "passed");
        tell(words, runs, Kind.BAD, "failed");
        tell(words, runs, Kind.MISSED, "missed");
        tell(words, runs, Kind.RUN, "running");
        return Figures.count(runs.size(), noun) + ": " + String.join(", ", words);
    }

    private static void tell(List<String> words, List<Run> runs, Kind kind, String word) {
        var n = runs.stream().filter(run -> run.kind == kind).count();
        if (n > 0) words.add(n + " " + word);
    }

    private static String two(double number) {
        return String.format(Locale.ROOT, "%.2f", number);
    }
}
