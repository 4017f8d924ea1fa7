package io.muster.server.audit;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Tells of most lexemes that none of some events has it, so that these need not be read: a Bloom filter. What is there it never
 * denies; of what is not, about one in 150 seems to be there, of very many lexemes more.
 *
 * @param bits a power of two of them; bit 0 is the lowest of the first byte, as PostgreSQL's {@code get_bit} counts them
 * @see <a href="https://doi.org/10.1145/362686.362692">Bloom, Space/time trade-offs in hash coding with allowable errors</a>
 */
record WordFilter(byte[] bits) {

    private static final int BITS_A_LEXEME = 12;
    private static final int FEWEST = 1 << 9;

    /** What stays in its row, and so is read without a detour. */
    private static final int MOST = 1 << 15;

    /** Bits of one lexeme. */
    static final int HASHES = 4;

    /**
     * Where a lexeme's bits are in a filter of any size: {@code first}, and each {@code step} further, modulo the size.
     *
     * @see <a href="https://doi.org/10.1002/rsa.20208">Kirsch and Mitzenmacher, Less hashing, same performance</a>
     */
    record Probe(long first, long step) {
        static Probe of(String lexeme) {
            var hash = ByteBuffer.wrap(SealedEvent.sha256(lexeme.getBytes(StandardCharsets.UTF_8)));
            return new Probe(hash.getInt() & 0xffffffffL, hash.getInt() & 0xfffffffeL | 1);
        }

        private LongStream places(int size) {
            return IntStream.range(0, HASHES).mapToLong(n -> (first + n * step) % size);
        }
    }

    static WordFilter of(Collection<String> lexemes) {
        int size = FEWEST;
        while (size < MOST && size < lexemes.size() * BITS_A_LEXEME) size *= 2;
        var bits = new byte[size / Byte.SIZE];
        for (var lexeme : lexemes) {
            Probe.of(lexeme).places(size).forEach(place -> bits[(int) (place >> 3)] |= (byte) (1 << (place & 7)));
        }
        return new WordFilter(bits);
    }

    boolean mayHave(String lexeme) {
        return Probe.of(lexeme)
                .places(bits.length * Byte.SIZE)
                .allMatch(place -> (bits[(int) (place >> 3)] >> (place & 7) & 1) == 1);
    }
}
