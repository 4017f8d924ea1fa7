package io.muster.spring;

import org.springframework.boot.actuate.security.AuthenticationAuditListener;
import org.springframework.security.authentication.event.AbstractAuthenticationEvent;

/** Boot's own, but for this: while it tells of a sign-in, who signs in counts as signed in, so the event finds its tenant. */
final class SignIns extends AuthenticationAuditListener {
    private final MusterAudit audit;

    SignIns(MusterAudit audit) {
        this.audit = audit;
    }

    @Override
    public void onApplicationEvent(AbstractAuthenticationEvent event) {
        audit.within(audit.context().with(event.getAuthentication()), () -> super.onApplicationEvent(event));
    }
}
