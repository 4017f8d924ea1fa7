package io.muster.server.audit;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/**
 * Tells of most lexemes that none of some events has it, so that these need not be read: a Bloom filter. What is there it never
 * denies; of what is not, about one in 150 seems to be there, of very many lexemes more.
 *
 * @param bits a power of two of them; bit 0 is the lowest of the first byte, as PostgreSQL's {@code get_bit} counts them
 * @see <a href="https://doi.org/10.1145/362686.362692">Bloom, Space/time trade-offs in hash coding with allowable errors</a>
 */
record WordFilter(byte[] bits) {

    /** Bits of one lexeme. */
    static final int HASHES = 4;

    /** Bytes of the smallest, and of the largest, which stays in its row, and so is read without a detour. */
    private static final int FEWEST = 64;

    private static final int MOST = 4_096;

    /** Bits that are set, of eight: then one in 150 of other lexemes finds all of its own. */
    private static final double FULL = 8 * 0.285;

    /**
     * What is known of a lexeme, for filters of any size: where its first bit is, and how far it is to each next, modulo the size. Both are
     * checksums that the processor has instructions for, in the high and the low half.
     *
     * @see <a href="https://doi.org/10.1002/rsa.20208">Kirsch and Mitzenmacher, Less hashing, same performance</a>
     */
    static long probe(String lexeme) {
        var bytes = lexeme.getBytes(StandardCharsets.UTF_8);
        var first = new CRC32C();
        first.update(bytes, 0, bytes.length);
        var step = new CRC32();
        step.update(bytes, 0, bytes.length);
        return first.getValue() << 32 | step.getValue();
    }

    static long first(long probe) {
        return probe >>> 32;
    }

    static long step(long probe) {
        return probe & 0xffffffffL | 1;
    }

    private static int bit(long probe, int n, int bytes) {
        return (int) (first(probe) + n * step(probe)) & 8 * bytes - 1;
    }

    boolean mayHave(long probe) {
        for (int n = 0; n < HASHES; n++) {
            int bit = bit(probe, n, bits.length);
            if ((bits[bit >> 3] >> (bit & 7) & 1) == 0) return false;
        }
        return true;
    }

    /** A filter in the making. One thread's. */
    static final class Builder {
        private final byte[] bits = new byte[MOST];

        void add(long... probes) {
            for (long probe : probes) {
                for (int n = 0; n < HASHES; n++) {
                    int bit = bit(probe, n, MOST);
                    bits[bit >> 3] |= (byte) (1 << (bit & 7));
                }
            }
        }

        /** The smallest that is not too full: laid upon itself, a filter is that of half the size. */
        WordFilter filter() {
            var smallest = bits;
            for (int size = MOST / 2; size >= FEWEST; size /= 2) {
                var half = Arrays.copyOf(smallest, size);
                int set = 0;
                for (int i = 0; i < size; i++) {
                    half[i] |= smallest[size + i];
                    set += Integer.bitCount(half[i] & 0xff);
                }
                if (set > size * FULL) break;
                smallest = half;
            }
            return new WordFilter(smallest.clone());
        }
    }
}
