package io.muster.server.keys;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.muster.server.problem.Refused;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A secret as the operator gives it: a reference, or the secret itself, which is sealed before it is stored
 * ({@link Sealer#store}). It is shown as the reference, or as {@code "***"}; equal when what was given is equal.
 */
public final class GivenSecret {

    static final String MASK = "***";
    private static final int LONGEST = 4000;

    private final String text;

    private GivenSecret(String text) {
        this.text = text;
    }

    @JsonCreator
    public static GivenSecret of(String text) {
        if (SecretRef.begins(text)) return new GivenSecret(new SecretRef(text).reference());
        if (text.isEmpty() || text.length() > LONGEST) {
            throw new Refused("", "must have 1 to " + LONGEST + " characters; got " + text.length());
        }
        return new GivenSecret(text);
    }

    /** Where the secret is; empty for a literal. */
    public Optional<SecretRef> reference() {
        return SecretRef.begins(text) ? Optional.of(new SecretRef(text)) : Optional.empty();
    }

    /** The secret itself, for {@link Secrets} and for checks of its form; empty for a reference. */
    public Optional<String> literal() {
        return SecretRef.begins(text) ? Optional.empty() : Optional.of(text);
    }

    /** Whether it is what an answer shows instead of a literal: the sender means "as it was". */
    public boolean masked() {
        return text.equals(MASK);
    }

    @JsonValue
    public String shown() {
        return reference().map(SecretRef::reference).orElse(MASK);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof GivenSecret secret && secret.text.equals(text);
    }

    @Override
    public int hashCode() {
        return Objects.hash(text);
    }

    @Override
    public String toString() {
        return shown();
    }
}
