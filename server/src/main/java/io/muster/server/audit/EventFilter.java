package io.muster.server.audit;

import io.muster.server.audit.AuditEvent.Outcome;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a query comes to in one log, where persons and addresses are references.
 *
 * @param actor by whom
 * @param subject about whom
 * @param actions all that the query's actions stand for here; null: too many, or none were asked for
 * @param patterns the query's actions for {@code like}; none: every action
 * @param words all of them
 */
record EventFilter(
        @Nullable UUID actor,
        @Nullable UUID subject,
        @Nullable List<String> actions,
        List<String> patterns,
        @Nullable Outcome outcome,
        List<Lexemes> words) {}
