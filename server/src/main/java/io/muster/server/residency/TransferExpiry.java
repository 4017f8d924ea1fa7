package io.muster.server.residency;

import io.muster.server.deadline.DeadlineKind;
import io.muster.server.tenancy.Transfers;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** When a transfer expires, and with it what made a place lawful for one tenant. */
@Component
class TransferExpiry implements DeadlineKind {

    static final String NAME = "transfer_expiry";

    private final Transfers transfers;
    private final CatalogueListener listener;

    TransferExpiry(Transfers transfers, CatalogueListener listener) {
        this.transfers = transfers;
        this.listener = listener;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Map<String, Instant> wake(List<String> ids, Instant now) {
        var again = new HashMap<String, Instant>();
        var tenants = new HashSet<String>();
        transfers.expiries(ids).forEach((id, expiry) -> {
            if (expiry.at().isAfter(now)) {
                again.put(id, expiry.at()); // it was extended meanwhile
            } else {
                tenants.add(expiry.tenant());
            }
        });
        listener.oneByOne(tenants, now);
        return again;
    }
}
