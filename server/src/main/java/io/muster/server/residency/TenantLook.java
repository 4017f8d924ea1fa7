package io.muster.server.residency;

import io.muster.server.deadline.DeadlineKind;
import io.muster.server.tenancy.Catalogue;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** When to look at one tenant in one store: where it differs from the other tenants of its job. */
@Component
class TenantLook implements DeadlineKind {

    static final String NAME = "residence";

    private final Residence residence;
    private final Catalogue catalogue;

    TenantLook(Residence residence, Catalogue catalogue) {
        this.residence = residence;
        this.catalogue = catalogue;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Map<String, Instant> wake(List<String> keys, Instant now) {
        var again = new HashMap<String, Instant>();
        var store = keys.stream().map(TenantLook::store).min(String::compareTo).orElseThrow();
        var tenants = new ArrayList<String>();
        for (var key : keys) {
            if (store(key).equals(store)) {
                tenants.add(key.substring(store.length() + 1));
            } else {
                again.put(key, now); // one store a transaction: locks of two could cross those of a ping
            }
        }
        catalogue
                .store(store)
                .ifPresent(found -> residence
                        .look(found, residence.watched(store), tenants, now)
                        .forEach((tenant, at) -> again.put(store + "/" + tenant, at)));
        return again;
    }

    private static String store(String key) {
        return key.substring(0, key.indexOf('/'));
    }
}
