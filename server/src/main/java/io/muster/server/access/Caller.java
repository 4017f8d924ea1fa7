package io.muster.server.access;

import org.jspecify.annotations.Nullable;

/**
 * Who is calling.
 *
 * @param name an account's e-mail, an API key's id, or the part of Muster that acts by itself
 * @param admin may do all: {@code admin.key} and accounts
 * @param mayWrite may write jobs, checks and audit events of {@code project}
 * @param mayAppend may write audit events: of any tenant, or of {@code tenant} alone
 * @param tenant what this caller is confined to: only reads, and only of this tenant; null for the operator's own
 * @param ip where the call came from; null for Muster itself
 */
public record Caller(
        Kind kind,
        String name,
        boolean admin,
        boolean mayWrite,
        boolean mayAppend,
        String project,
        @Nullable String tenant,
        @Nullable String ip,
        @Nullable String userAgent) {

    public enum Kind {
        PERSON,
        KEY,
        MUSTER,
        NOBODY
    }

    /** Muster acting by itself, on a deadline or a ping. */
    public static final Caller MUSTER =
            new Caller(Kind.MUSTER, "muster", true, true, true, "default", null, null, null);

    /** The same caller in another call. */
    Caller from(@Nullable String ip, @Nullable String userAgent) {
        return new Caller(kind, name, admin, mayWrite, mayAppend, project, tenant, ip, userAgent);
    }

    /** Whether this caller may look at what is {@code tenant}'s. */
    public boolean mayRead(String tenant) {
        return kind != Kind.NOBODY && (this.tenant == null || this.tenant.equals(tenant));
    }
}
