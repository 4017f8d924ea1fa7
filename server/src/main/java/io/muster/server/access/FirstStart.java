package io.muster.server.access;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Prints the first sign-in link when the server is ready: once, as the link works for whoever reads it. */
@Component
class FirstStart {

    private static final Logger log = LoggerFactory.getLogger(FirstStart.class);

    private final SignInLinks links;
    private final SignInLinksController maker;
    private final Accounts accounts;

    FirstStart(SignInLinks links, SignInLinksController maker, Accounts accounts) {
        this.links = links;
        this.maker = maker;
        this.accounts = accounts;
    }

    @EventListener(ApplicationReadyEvent.class)
    void invite() {
        if (accounts.any()) return;
        if (links.any()) {
            log.info("nobody has an account yet: ./muster sign-in-link makes another link");
            return;
        }
        System.out.println("Sign in: " + maker.make(Caller.MUSTER).url());
    }
}
