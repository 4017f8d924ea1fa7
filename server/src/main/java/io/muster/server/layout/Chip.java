package io.muster.server.layout;

import org.jspecify.annotations.Nullable;

/** One of the states by which a list can be narrowed. */
public record Chip(
        String value,
        @Nullable Word word,
        String text,
        @Nullable Long count,
        boolean active) {}
