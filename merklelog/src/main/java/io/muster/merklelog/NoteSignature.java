package io.muster.merklelog;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A signature line of a note; not verified.
 *
 * @param name of the key
 * @param base64 four bytes of key id, then the signature, as the type of the key has it
 * @see <a href="https://c2sp.org/signed-note">C2SP signed-note</a>
 */
public record NoteSignature(String name, String base64) {
    /** An em dash and a space. */
    private static final String START = "\u2014 ";

    public NoteSignature {
        checkName(name);
        if (Strict.base64(base64).length < 5) {
            throw new Malformed("a signature of " + name + " is too short");
        }
    }

    static NoteSignature of(VerifierKey key, byte[] signature) {
        var bytes = ByteBuffer.allocate(4 + signature.length).putInt(key.id()).put(signature);
        return new NoteSignature(key.name(), Strict.base64(bytes.array()));
    }

    /** Reads {@link #toString()}. */
    static NoteSignature parse(String line) {
        int blank = line.indexOf(' ', START.length());
        if (!line.startsWith(START) || blank < 0) {
            throw new Malformed("not a signature line: " + Strict.shown(line));
        }
        return new NoteSignature(line.substring(START.length(), blank), line.substring(blank + 1));
    }

    /** The line, without its end. */
    @Override
    public String toString() {
        return START + name + " " + base64;
    }

    int keyId() {
        return ByteBuffer.wrap(Strict.base64(base64)).getInt();
    }

    byte[] signature() {
        var bytes = Strict.base64(base64);
        return Arrays.copyOfRange(bytes, 4, bytes.length);
    }

    /** Names of keys have no white space and no {@code +}. */
    static void checkName(String name) {
        Strict.checkText(name);
        if (name.isEmpty() || name.codePoints().anyMatch(c -> c == '+' || isWhiteSpace(c))) {
            throw new Malformed("not the name of a key: " + Strict.shown(name));
        }
    }

    /** The Unicode property White_Space; {@link Character#isWhitespace} leaves out no-break spaces. */
    private static boolean isWhiteSpace(int c) {
        return Character.isSpaceChar(c) || c >= '\t' && c <= '\r' || c == 0x85;
    }
}
