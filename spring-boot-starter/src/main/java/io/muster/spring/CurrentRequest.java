package io.muster.spring;

import org.jspecify.annotations.Nullable;

/** What is known of the request that this thread serves. */
final class CurrentRequest {
    /** @param carried whether {@code context} has the principal too, for this thread has no other way to know it */
    record Here(AuditContext context, boolean carried) {}

    private static final ThreadLocal<@Nullable Here> HERE = new ThreadLocal<>();

    private CurrentRequest() {}

    static @Nullable Here get() {
        return HERE.get();
    }

    /** Until {@link #leave}, with what was there before. */
    static @Nullable Here enter(Here here) {
        var before = HERE.get();
        HERE.set(here);
        return before;
    }

    static void leave(@Nullable Here before) {
        if (before == null) {
            HERE.remove();
        } else {
            HERE.set(before);
        }
    }
}
