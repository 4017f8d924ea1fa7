package io.muster.server.residency;

import org.postgresql.core.Parser;

/** Whether a text of SQL can stand in parentheses without getting out of them. Scans with the driver's own rules. */
final class Parentheses {

    static boolean balanced(String sql) {
        var text = sql.toCharArray();
        int depth = 0;
        for (int i = 0; i < text.length; i++) {
            int begun = i;
            switch (text[i]) {
                case '\'' -> i = Parser.parseSingleQuotes(text, i, standardStrings(text, i));
                case '"' -> i = Parser.parseDoubleQuotes(text, i);
                case '-' -> i = Parser.parseLineComment(text, i);
                case '/' -> i = Parser.parseBlockComment(text, i);
                case '$' -> i = Parser.parseDollarQuotes(text, i);
                case '(' -> depth++;
                case ')' -> {
                    if (--depth < 0) return false;
                }
                default -> {}
            }
            if (i >= text.length && text[begun] != '-') {
                return false; // a quote or comment that never ends
            }
        }
        return depth == 0;
    }

    /** {@code E'...'} knows backslashes, a plain string does not. */
    private static boolean standardStrings(char[] text, int quote) {
        return quote == 0 || (text[quote - 1] != 'e' && text[quote - 1] != 'E');
    }

    private Parentheses() {}
}
