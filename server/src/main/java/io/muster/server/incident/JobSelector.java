package io.muster.server.incident;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.muster.server.problem.Refused;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Some jobs, as channels and maintenance windows name them: {@code "all"}, a list of ids, or {@code {"tags":["eu"]}}: those with one of the tags. */
public sealed interface JobSelector {

    int MOST = 1_000;

    record All() implements JobSelector {}

    /** In order, each once. */
    record These(List<String> ids) implements JobSelector {
        public These {
            ids = words(ids, 128);
        }
    }

    /** In order, each once. */
    record Tagged(List<String> tags) implements JobSelector {
        public Tagged {
            tags = words(tags, 500);
        }
    }

    JobSelector ALL = new All();

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static JobSelector of(@Nullable Object json) {
        return switch (json) {
            case String text when text.equals("all") -> ALL;
            case List<?> list -> new These(texts(list));
            case Map<?, ?> map
            when map.size() == 1 && map.get("tags") instanceof List<?> list -> new Tagged(texts(list));
            case null, default -> throw wrong();
        };
    }

    @JsonValue
    default Object json() {
        return switch (this) {
            case All _ -> "all";
            case These(var ids) -> ids;
            case Tagged(var tags) -> Map.of("tags", tags);
        };
    }

    private static List<String> texts(List<?> list) {
        return list.stream()
                .map(item -> {
                    if (item instanceof String text) return text;
                    throw wrong();
                })
                .toList();
    }

    private static Refused wrong() {
        return new Refused("", "must be \"all\", a list of job ids, or {\"tags\":[…]}");
    }

    private static List<String> words(List<String> given, int longest) {
        if (given.size() > MOST) throw new Refused("", "may name " + MOST + " at most; got " + given.size());
        for (var word : given) {
            if (word.isBlank() || word.length() > longest || word.chars().anyMatch(Character::isISOControl)) {
                throw new Refused("", "must name each by 1 to " + longest + " characters on one line");
            }
        }
        return List.copyOf(new TreeSet<>(given));
    }
}
