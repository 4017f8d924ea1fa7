package io.muster.server.access;

import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.stereotype.Component;

/** What other modules ask about the caller. */
@Component
public class Access {

    /** The caller of the request that this thread serves; Muster itself on a thread that serves none. */
    public Caller caller() {
        var authentication = SecurityContextHolder.getContext().getAuthentication();
        return authentication != null && authentication.getPrincipal() instanceof Caller caller
                ? caller
                : Caller.MUSTER;
    }
}
