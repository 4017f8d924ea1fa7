package io.muster.server.heartbeat;

/** A set of numbers from 0 to 63. */
record Bits(long bits) {

    static final Bits NONE = new Bits(0);

    /** More than any member. */
    private static final int NOWHERE = 64;

    static Bits of(int number) {
        return new Bits(1L << number);
    }

    /** Both ends included. */
    static Bits range(int from, int to) {
        return new Bits((-1L << from) & (-1L >>> (63 - to)));
    }

    Bits with(Bits others) {
        return new Bits(bits | others.bits);
    }

    Bits without(int number) {
        return new Bits(bits & ~(1L << number));
    }

    Bits and(Bits others) {
        return new Bits(bits & others.bits);
    }

    /** The first member, and of those behind it each {@code step}-th. */
    Bits every(int step) {
        long kept = 0;
        int place = 0;
        for (long rest = bits; rest != 0; rest &= rest - 1, place++) {
            if (place % step == 0) kept |= Long.lowestOneBit(rest);
        }
        return new Bits(kept);
    }

    boolean has(int number) {
        return (bits >>> number & 1) != 0;
    }

    /** The smallest member that is {@code number} or more; 64 if there is none. */
    int atLeast(int number) {
        return number >= NOWHERE ? NOWHERE : Long.numberOfTrailingZeros(bits >>> number << number);
    }
}
