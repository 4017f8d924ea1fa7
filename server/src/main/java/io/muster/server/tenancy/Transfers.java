package io.muster.server.tenancy;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What others ask about transfer records: whose they are, and when they end by themselves. */
@Component
public class Transfers {

    private final JdbcClient db;

    private final Presets presets;

    Transfers(JdbcClient db, Presets presets) {
        this.db = db;
        this.presets = presets;
    }

    /** Tenants with a record in force that makes {@code jurisdiction} lawful; by any mechanism if none is named. */
    public List<String> tenantsWith(String jurisdiction, List<String> mechanisms, Instant now) {
        var places = new ArrayList<String>();
        places.add(jurisdiction);
        presets.jurisdictions().groups().forEach((group, members) -> {
            if (members.contains(jurisdiction)) places.add(group);
        });
        return db.sql("""
                select distinct tenant
                  from transfer_validity
                 where valid_from <= :now
                   and valid_until > :now
                   and to_place = any (cast(:places as text[]))
                   and (cast(:any as boolean) or mechanism = any (cast(:mechanisms as text[])))
                """)
                .param("now", now.atOffset(ZoneOffset.UTC))
                .param("places", places.toArray(String[]::new))
                .param("any", mechanisms.isEmpty())
                .param("mechanisms", mechanisms.toArray(String[]::new))
                .query((row, n) -> row.getString(1))
                .list();
    }

    /** The tenant whose data it makes lawful somewhere, and until when. */
    public record Expiry(String tenant, Instant at) {}

    /** By id; those that are gone are left out. */
    public Map<String, Expiry> expiries(Collection<String> ids) {
        var found = new HashMap<String, Expiry>();
        db.sql("select id, tenant, expires_at from transfer where id = any (cast(:ids as text[]))")
                .param("ids", ids.toArray(String[]::new))
                .query((row, n) -> found.put(
                        row.getString("id"), new Expiry(row.getString("tenant"), Columns.instant(row, "expires_at"))))
                .list();
        return found;
    }

    /** All tenants for whom these were ever in force, those that are gone too. */
    public List<String> tenantsOf(Collection<String> ids) {
        return db.sql("select distinct tenant from transfer_validity where transfer = any (cast(:ids as text[]))")
                .param("ids", ids.toArray(String[]::new))
                .query((row, n) -> row.getString(1))
                .list();
    }
}
