package io.muster.server.residency;

import io.muster.server.problem.Refused;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A reading of SQL for databases whose driver has no parser that we could ask. Whatever a server might read differently
 * from us (comments, backslashes, a second statement) is refused, even in quotes: then nothing is left to misread.
 */
final class PlainSql {

    private static final String AMBIGUOUS = ";\\#{}";

    /**
     * @param quotes what opens a quote, and what closes it; doubled inside, it means itself
     * @param forbidden words, in lower case, that do more than read
     */
    static void check(String sql, Map<Character, Character> quotes, Pattern forbidden) {
        for (var comment : new String[] {"--", "/*", "*/"}) {
            if (sql.contains(comment)) throw new Refused("sql", "must not hold comments; got " + comment);
        }
        var word = new StringBuilder();
        int depth = 0;
        for (int i = 0; i < sql.length(); i++) {
            var character = sql.charAt(i);
            if (AMBIGUOUS.indexOf(character) >= 0) {
                throw new Refused("sql", "must be one plain statement, without '" + character + "'");
            }
            if (Character.isLetterOrDigit(character) || character == '_') {
                word.append(Character.toLowerCase(character));
                continue;
            }
            allowed(word, forbidden);
            var close = quotes.get(character);
            if (close != null) {
                i = end(sql, i, close);
            } else if ("'\"`[]".indexOf(character) >= 0) {
                throw new Refused("sql", "must not hold " + character + " outside of quotes");
            } else if (character == '(') {
                depth++;
            } else if (character == ')' && --depth < 0) {
                break;
            }
        }
        allowed(word, forbidden);
        if (depth != 0) throw new Refused("sql", "must close each parenthesis that it opens, and no other");
    }

    /** Where the quote that opens at {@code from} closes; of a doubled one another quote opens at once. */
    private static int end(String sql, int from, char close) {
        var end = sql.indexOf(close, from + 1);
        if (end < 0) throw new Refused("sql", "must close each quote that it opens");
        if (sql.substring(from, end).chars().anyMatch(each -> AMBIGUOUS.indexOf(each) >= 0)) {
            throw new Refused("sql", "must not hold any of ; \\ # { } in quotes either");
        }
        return end;
    }

    private static void allowed(StringBuilder word, Pattern forbidden) {
        var text = word.toString();
        word.setLength(0);
        if (forbidden.matcher(text).matches()) {
            throw new Refused("sql", "must only read, without `" + text + "`");
        }
    }

    private PlainSql() {}
}
