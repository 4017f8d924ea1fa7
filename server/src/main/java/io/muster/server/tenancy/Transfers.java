package io.muster.server.tenancy;

import java.time.Instant;
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

    Transfers(JdbcClient db) {
        this.db = db;
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
