package io.muster.server.audit;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What an event must have among its {@link Words}. */
sealed interface Lexemes {

    /** Of more, a filter would nearly always say that one may be there. */
    int MOST_IN_FILTER = 16;

    /** For a {@code tsquery}. */
    String query();

    /** Of which one at least is in the {@link WordFilter} of whatever holds such an event; none: that cannot be told. */
    List<String> inFilter();

    record One(String lexeme) implements Lexemes {
        @Override
        public String query() {
            return quoted(lexeme);
        }

        @Override
        public List<String> inFilter() {
            return List.of(lexeme);
        }
    }

    record AnyOf(List<String> lexemes) implements Lexemes {
        @Override
        public String query() {
            return lexemes.stream().map(Lexemes::quoted).collect(Collectors.joining(" | ", "(", ")"));
        }

        @Override
        public List<String> inFilter() {
            return lexemes.size() > MOST_IN_FILTER ? List.of() : lexemes;
        }
    }

    /** A resource that begins so. */
    record Beginning(int log, String resource) implements Lexemes {
        @Override
        public String query() {
            return quoted(Words.resource(log, resource)) + ":*";
        }

        @Override
        public List<String> inFilter() {
            var longest = Words.beginnings(log, resource);
            return longest.isEmpty() ? List.of() : List.of(longest.getLast());
        }
    }

    /** All of them; null: there are none. */
    static @Nullable String query(List<Lexemes> all) {
        return all.isEmpty() ? null : all.stream().map(Lexemes::query).collect(Collectors.joining(" & "));
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'";
    }
}
