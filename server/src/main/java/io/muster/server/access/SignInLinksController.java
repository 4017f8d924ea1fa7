package io.muster.server.access;

import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import org.springframework.http.HttpStatus;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** {@code ./muster sign-in-link}: whoever can read the data folder has the admin's key, and so gets in. */
@RestController
class SignInLinksController {

    private final SignInLinks links;
    private final AccessRecord record;
    private final Access access;
    private final InstantSource clock;
    private final TransactionTemplate transaction;

    SignInLinksController(
            SignInLinks links,
            AccessRecord record,
            Access access,
            InstantSource clock,
            PlatformTransactionManager transactions) {
        this.links = links;
        this.record = record;
        this.access = access;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
    }

    @PostMapping("/api/v1/sign-in-links")
    @ResponseStatus(HttpStatus.CREATED)
    SignInLinks.SignInLink make() {
        return make(access.caller());
    }

    SignInLinks.SignInLink make(Caller by) {
        return Objects.requireNonNull(transaction.execute(status -> {
            var now = clock.instant();
            var link = links.make(by, now);
            record.done(
                    "sign_in_link.made",
                    "/sign-in-links",
                    by,
                    now,
                    Map.of("expires_at", link.expiresAt().toString()));
            return link;
        }));
    }
}
