package io.muster.server.tenancy;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A YAML or JSON document, token by token: never the whole of it in memory. */
interface DocumentTokens {

    enum Kind {
        OBJECT,
        END_OBJECT,
        LIST,
        END_LIST,
        /** Of a member; its value follows. */
        NAME,
        SCALAR,
        /** What {@link #text} names stands here again. */
        ALIAS,
        END
    }

    /** Moves to the next token; refuses (400) what is against the grammar. */
    Kind next();

    /** Where the token begins, from 1. */
    int line();

    /** A name's or an alias's. */
    String text();

    /** A scalar's. */
    JsonNode scalar();

    /** What aliases call this object, list or scalar, if anything. */
    @Nullable String anchor();
}
