package io.muster.cli;

import java.io.PrintWriter;

/** Prints what others wrote: nothing in it steers the terminal. */
final class Printable extends PrintWriter {
    private Printable(PrintWriter to) {
        super(to, true);
    }

    static Printable of(PrintWriter to) {
        return new Printable(to);
    }

    @Override
    public void println(Object line) {
        println(String.valueOf(line));
    }

    @Override
    public void println(String line) {
        super.println(line.replaceAll("[\\p{Cntrl}\\p{Cf}\\p{Cs}\u0080-\u009f]", "?"));
    }
}
