package io.muster.server.audit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * Takes secrets out of events before anything is stored or hashed: whatever stands under a name that promises one, or looks like one
 * that is known. {@code MUSTER_AUDIT_REDACT} adds names, separated by commas.
 */
@Component
class Redaction {

    static final String REDACTED = "[redacted]";

    /** Without hyphens and underscores, in lower case. */
    private static final Set<String> NAMES = Set.of(
            "password",
            "passwd",
            "pwd",
            "passphrase",
            "oldpassword",
            "newpassword",
            "currentpassword",
            "secret",
            "secretkey",
            "clientsecret",
            "token",
            "accesstoken",
            "refreshtoken",
            "idtoken",
            "sessiontoken",
            "csrftoken",
            "bearer",
            "authorization",
            "proxyauthorization",
            "apikey",
            "xapikey",
            "privatekey",
            "signingkey",
            "cookie",
            "setcookie",
            "credential",
            "credentials",
            "cvv",
            "cvc",
            "otp",
            "mfacode",
            "recoverycode");

    /** What begins a secret of a known kind; looked for before the pattern is, which costs more. */
    private static final List<String> SIGNS = List.of(
            "msw_",
            "msr_",
            "-----BEGIN",
            "eyJ",
            "AKIA",
            "earer ",
            "ghp_",
            "gho_",
            "github_pat_",
            "xox",
            "sk_live_",
            "whsec_",
            "://");

    private static final Pattern SECRET = Pattern.compile("ms[wr]_[A-Za-z0-9]{28}"
            + "|-----BEGIN [A-Z ]*PRIVATE KEY-----[\\s\\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)"
            + "|eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]*"
            + "|(?:AKIA|ASIA)[A-Z0-9]{16}"
            + "|(?<=[Bb]earer )[A-Za-z0-9._~+/=-]{8,}"
            + "|gh[po]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{22,}"
            + "|xox[abprs]-[A-Za-z0-9-]{10,}"
            + "|sk_live_[A-Za-z0-9]{16,}"
            + "|whsec_[A-Za-z0-9+/=]{16,}"
            + "|(?<=://)[^\\s/:@]{1,200}:[^\\s/@]{1,200}(?=@)");

    private final Set<String> names;

    Redaction(@Value("${muster.audit-redact:}") String more) {
        this.names = new HashSet<>(NAMES);
        Arrays.stream(more.split(","))
                .map(Redaction::plain)
                .filter(name -> !name.isEmpty())
                .forEach(names::add);
    }

    private static String plain(String name) {
        return name.strip().replace("-", "").replace("_", "").toLowerCase(Locale.ROOT);
    }

    @Nullable String text(@Nullable String text) {
        if (text == null || text.length() < 8 || SIGNS.stream().noneMatch(text::contains)) return text;
        return SECRET.matcher(text).replaceAll(REDACTED);
    }

    @Nullable Map<String, @Nullable Object> members(@Nullable Map<String, @Nullable Object> members) {
        if (members == null) return null;
        var clean = new TreeMap<String, @Nullable Object>();
        members.forEach((name, value) ->
                clean.put(name, value != null && names.contains(plain(name)) ? REDACTED : value(value)));
        return clean;
    }

    @SuppressWarnings("unchecked")
    private @Nullable Object value(@Nullable Object value) {
        return switch (value) {
            case String text -> text(text);
            case Map<?, ?> members -> members((Map<String, @Nullable Object>) members);
            case List<?> items -> {
                var clean = new ArrayList<@Nullable Object>(items.size());
                items.forEach(item -> clean.add(value(item)));
                yield clean;
            }
            case null, default -> value;
        };
    }
}
