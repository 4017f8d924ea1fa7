package io.muster.server.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.muster.server.keys.Keys;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.stereotype.Component;

/** What other modules ask about the caller. */
@Component
public class Access {

    private static final int NONCE = 16;

    private final byte[] csrfKey;
    private final SecureRandom random = new SecureRandom();

    Access(Keys keys) {
        this.csrfKey = keys.derive("csrf");
    }

    /** The caller of the request that this thread serves; Muster itself on a thread that serves none. */
    public Caller caller() {
        return current();
    }

    static Caller current() {
        return authenticated().map(Authenticated::getPrincipal).orElse(Caller.MUSTER);
    }

    /** From here on the request is {@code caller}'s: for endpoints that read the key by themselves. */
    public void become(Caller caller) {
        become(caller, null);
    }

    void become(Caller caller, @Nullable String session) {
        var context = SecurityContextHolder.createEmptyContext();
        context.setAuthentication(new Authenticated(caller, session));
        SecurityContextHolder.setContext(context);
    }

    /**
     * What a form of this person's session sends back as {@code _csrf}, and a script as {@code X-CSRF-Token}; another
     * text on each page, so that a compressed page does not give it away. Empty where nobody is signed in.
     */
    public String csrf() {
        return authenticated()
                .map(Authenticated::getCredentials)
                .map(this::csrf)
                .orElse("");
    }

    private String csrf(String session) {
        var nonce = new byte[NONCE];
        random.nextBytes(nonce);
        return csrf(session, Base64.getUrlEncoder().withoutPadding().encodeToString(nonce));
    }

    private String csrf(String session, String nonce) {
        var mac = Keys.hmac(csrfKey, nonce + "." + session);
        return nonce + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(mac, 24));
    }

    boolean isCsrf(String session, @Nullable String sent) {
        if (sent == null || sent.indexOf('.') < 0) return false;
        var right = csrf(session, sent.substring(0, sent.indexOf('.')));
        return MessageDigest.isEqual(right.getBytes(UTF_8), sent.getBytes(UTF_8));
    }

    private static Optional<Authenticated> authenticated() {
        return SecurityContextHolder.getContext().getAuthentication() instanceof Authenticated authenticated
                ? Optional.of(authenticated)
                : Optional.empty();
    }

    /** The caller, and the session's token if a session it is. */
    private static final class Authenticated extends AbstractAuthenticationToken {

        private static final long serialVersionUID = 1;

        /** For what Spring asks by itself: who sees the details of health. */
        private static final List<GrantedAuthority> ADMIN = AuthorityUtils.createAuthorityList("ROLE_ADMIN");

        private final transient Caller caller;
        private final transient @Nullable String session;

        Authenticated(Caller caller, @Nullable String session) {
            super(caller.admin() ? ADMIN : AuthorityUtils.NO_AUTHORITIES);
            this.caller = caller;
            this.session = session;
            setAuthenticated(caller.kind() != Caller.Kind.NOBODY);
        }

        @Override
        public Caller getPrincipal() {
            return caller;
        }

        @Override
        public @Nullable String getCredentials() {
            return session;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }
}
