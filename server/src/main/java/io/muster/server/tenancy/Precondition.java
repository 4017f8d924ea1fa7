package io.muster.server.tenancy;

import io.muster.server.problem.Problem;
import io.muster.server.problem.Refused;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * {@code If-Match} and {@code If-None-Match} of a request that changes something.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#section-13.1.1">RFC 9110, section 13.1.1</a>
 */
record Precondition(@Nullable String ifMatch, @Nullable String ifNoneMatch) {

    void check(Noun.@Nullable Declared<?> before) {
        if (ifMatch != null && (before == null || !names(ifMatch, before.version()))) {
            throw Problem.preconditionFailed(
                    before == null
                            ? "There is no such thing, so If-Match " + Refused.shown(ifMatch) + " does not fit."
                            : "It is at version " + before.version() + ", so If-Match " + Refused.shown(ifMatch)
                                    + " does not fit: read it again and repeat your change on that.");
        }
        if (ifNoneMatch != null && before != null && names(ifNoneMatch, before.version())) {
            throw Problem.preconditionFailed("It exists already, at version " + before.version() + ".");
        }
    }

    static boolean names(String list, long version) {
        return Arrays.stream(list.split(","))
                .map(String::strip)
                .anyMatch(tag -> tag.equals("*") || tag.equals(tag(version)));
    }

    static String tag(long version) {
        return "\"" + version + "\"";
    }
}
