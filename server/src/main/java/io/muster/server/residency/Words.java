package io.muster.server.residency;

import java.util.Locale;

/** An enum's name as the API, the pages and the audit trail write it. */
final class Words {

    static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private Words() {}
}
