package io.muster.server.residency;

import io.muster.server.problem.Refused;
import org.jspecify.annotations.Nullable;

/** What lists take in their query. */
final class Paging {

    /** 1 to 1000; 100 if it is not said. */
    static int limit(@Nullable String sent) {
        if (sent == null) return 100;
        if (!sent.matches("[1-9][0-9]{0,3}") || Integer.parseInt(sent) > 1_000) {
            throw new Refused("limit", "must be between 1 and 1000; got " + shown(sent));
        }
        return Integer.parseInt(sent);
    }

    static boolean flag(String name, @Nullable String sent) {
        if (sent == null || sent.equals("false")) return false;
        if (sent.equals("true")) return true;
        throw new Refused(name, "must be true or false; got " + shown(sent));
    }

    static String shown(String sent) {
        var plain = sent.replaceAll("[^\\x20-\\x7e]", "?");
        return plain.length() > 80 ? plain.substring(0, 80) : plain;
    }

    private Paging() {}
}
