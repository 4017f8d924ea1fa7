package io.muster.server.incident;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import io.muster.server.incident.channel.webhook.SigningSecret;
import io.muster.server.keys.GivenSecret;
import io.muster.server.problem.FieldError;
import io.muster.server.problem.Refused;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where alerts go, and which.
 *
 * @param to of {@code email}: one address
 * @param url of {@code slack} and {@code webhook}: it lets whoever knows it write there, so it is a secret
 * @param secret of {@code webhook}: what its messages are signed with
 * @param sends in the order of {@link Send}; left out: {@link #USUAL}
 * @param jobs left out: all
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record AlertChannel(
        Kind kind,
        @Nullable String to,
        @Nullable GivenSecret url,
        @Nullable GivenSecret secret,
        List<Send> sends,
        JobSelector jobs) {

    enum Kind {
        EMAIL,
        SLACK,
        WEBHOOK;

        @JsonValue
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        @JsonCreator
        static Kind of(String word) {
            return AlertChannel.of(values(), word);
        }
    }

    /** What may be told; by these words. */
    enum Send {
        DOWN,
        UP,
        REMINDER,
        AT_RISK,
        VIOLATION,
        CLOSED;

        @JsonValue
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        @JsonCreator
        static Send of(String word) {
            return AlertChannel.of(values(), word);
        }
    }

    /** {@code at_risk} often heals by itself before anybody reads it. */
    static final List<Send> USUAL = List.of(Send.DOWN, Send.UP, Send.REMINDER, Send.VIOLATION, Send.CLOSED);

    private static final int LONGEST_ADDRESS = 254;

    @SuppressWarnings("NullAway") // `kind` may be missing in what was sent: refused here
    AlertChannel {
        sends = sends == null ? USUAL : List.copyOf(sends.isEmpty() ? List.of() : EnumSet.copyOf(sends));
        jobs = jobs == null ? JobSelector.ALL : jobs;
        var errors = new ArrayList<FieldError>();
        if (sends.isEmpty())
            errors.add(new FieldError("sends", "must name at least one; left out, it is the usual ones"));
        if (kind == null) {
            errors.add(new FieldError("kind", "must be email, slack or webhook"));
        } else {
            needs(kind == Kind.EMAIL, "to", to, kind, errors);
            needs(kind != Kind.EMAIL, "url", url, kind, errors);
            needs(kind == Kind.WEBHOOK, "secret", secret, kind, errors);
            if (kind == Kind.EMAIL && to != null) checkAddress(to, errors);
            if (kind == Kind.WEBHOOK && secret != null) checkSecret(secret, errors);
        }
        if (!errors.isEmpty()) throw new Refused(errors);
    }

    private static void needs(
            boolean needed, String field, @Nullable Object value, Kind kind, List<FieldError> errors) {
        if (needed && value == null) errors.add(new FieldError(field, "is missing: kind " + kind.word() + " needs it"));
        if (!needed && value != null) errors.add(new FieldError(field, "is not for kind " + kind.word()));
    }

    private static void checkAddress(String to, List<FieldError> errors) {
        try {
            var plain = to.length() <= LONGEST_ADDRESS && to.chars().allMatch(c -> c > ' ' && c < 127);
            var address = plain ? new InternetAddress(to, true) : new InternetAddress();
            if (plain && to.equals(address.getAddress()) && to.indexOf('@') > 0) return;
        } catch (AddressException wrong) {
            // told below
        }
        errors.add(new FieldError("to", "must be one e-mail address such as ops@acme.example"));
    }

    private static void checkSecret(GivenSecret secret, List<FieldError> errors) {
        if (secret.masked()) return;
        secret.literal().ifPresent(text -> {
            try {
                SigningSecret.of(text);
            } catch (IllegalArgumentException wrong) {
                errors.add(new FieldError("secret", String.valueOf(wrong.getMessage())));
            }
        });
    }

    boolean sends(Send what) {
        return sends.contains(what);
    }

    /** A secret that was sent as {@code "***"} stays as it was. */
    AlertChannel with(@Nullable GivenSecret url, @Nullable GivenSecret secret) {
        return new AlertChannel(kind, to, url, secret, sends, jobs);
    }

    private static <E extends Enum<E>> E of(E[] constants, String word) {
        return Arrays.stream(constants)
                .filter(constant -> constant.name().toLowerCase(Locale.ROOT).equals(word))
                .findAny()
                .orElseThrow(() -> new Refused(
                        "",
                        "must be one of "
                                + Arrays.stream(constants)
                                        .map(constant -> constant.name().toLowerCase(Locale.ROOT))
                                        .collect(Collectors.joining(", "))));
    }
}
