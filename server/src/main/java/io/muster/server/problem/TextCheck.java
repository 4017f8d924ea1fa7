package io.muster.server.problem;

/**
 * Looks at text byte by byte while somebody else reads it: it must be UTF-8 without NUL, and in JSON no escape may stand
 * for NUL or for half of a surrogate pair. Parsers let all of these pass, PostgreSQL does not.
 *
 * @see <a href="https://www.unicode.org/versions/Unicode16.0.0/core-spec/chapter-3/#G27506">Unicode, table 3-7</a>
 */
final class TextCheck {

    private final boolean json;

    // UTF-8: how many bytes of a character are missing, and where the next one must lie
    private int missing;
    private int least = 0x80;
    private int most = 0xBF;

    // JSON: where we are in \\uXXXX; 0 outside, 1 behind the backslash, 2 to 5 before each digit
    private int escape;
    private int unit;
    private boolean highBefore;

    private TextCheck(boolean json) {
        this.json = json;
    }

    static TextCheck plain() {
        return new TextCheck(false);
    }

    static TextCheck json() {
        return new TextCheck(true);
    }

    /** The next byte, 0 to 255. */
    void accept(int octet) throws BrokenBody {
        if (missing > 0) {
            if (octet < least || octet > most) throw broken("is not UTF-8");
            missing--;
            least = 0x80;
            most = 0xBF;
        } else if (octet < 0x80) {
            if (octet == 0) throw broken("holds a NUL character");
            if (json) ascii(octet);
        } else {
            begin(octet);
            if (json) outside();
        }
    }

    /** No byte follows. */
    void end() throws BrokenBody {
        if (missing > 0) throw broken("is not UTF-8: it ends within a character");
        if (json) outside();
    }

    private void begin(int octet) throws BrokenBody {
        if (octet < 0xC2 || octet > 0xF4) throw broken("is not UTF-8");
        missing = octet < 0xE0 ? 1 : octet < 0xF0 ? 2 : 3;
        switch (octet) {
            case 0xE0 -> least = 0xA0; // no overlong form
            case 0xED -> most = 0x9F; // no surrogate
            case 0xF0 -> least = 0x90;
            case 0xF4 -> most = 0x8F; // nothing beyond U+10FFFF
            default -> {}
        }
    }

    private void ascii(int octet) throws BrokenBody {
        switch (escape) {
            case 0 -> {
                if (octet == '\\') {
                    escape = 1;
                } else {
                    outside();
                }
            }
            case 1 -> {
                escape = octet == 'u' ? 2 : 0;
                unit = 0;
                if (octet != 'u') lone();
            }
            default -> {
                unit = unit * 16 + Math.max(0, Character.digit(octet, 16)); // the parser refuses what is no digit
                if (escape++ == 5) {
                    escape = 0;
                    unit();
                }
            }
        }
    }

    private void unit() throws BrokenBody {
        if (unit == 0) throw broken("holds a NUL character");
        var low = unit >= 0xDC00 && unit <= 0xDFFF;
        if (low != highBefore) throw broken("holds half of a surrogate pair");
        highBefore = unit >= 0xD800 && unit <= 0xDBFF;
    }

    private void outside() throws BrokenBody {
        escape = 0;
        lone();
    }

    private void lone() throws BrokenBody {
        if (highBefore) throw broken("holds half of a surrogate pair");
    }

    static BrokenBody broken(String why) {
        return new BrokenBody(new Problem(
                org.springframework.http.HttpStatus.BAD_REQUEST,
                "not_text",
                "The body " + why + ": send UTF-8 text that any database can keep."));
    }
}
