package io.muster.server.problem;

/**
 * A bean that allows larger bodies than {@link #USUAL} at one place; a larger one than this is answered with 413.
 *
 * @param path a pattern of Spring's, such as {@code /api/v1/apply}
 * @param bytes the most that may be sent there
 */
public record BodyLimit(String path, long bytes) {

    /** 1 MiB: far beyond any object that is declared alone. */
    public static final long USUAL = 1 << 20;
}
