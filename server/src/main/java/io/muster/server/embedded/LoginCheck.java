package io.muster.server.embedded;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Refuses to serve with a login that row level security would not bind, or that could change what is only ever added to.
 * After the migrations, so that there are tables to own.
 */
@Component
class LoginCheck {

    private static final int OLDEST = 15;

    private record Login(String name, boolean superuser, boolean bypasses, boolean owns, int version) {}

    LoginCheck(JdbcClient db) {
        var login = db.sql("""
                select current_user as name, rolsuper, rolbypassrls,
                       exists (select from pg_class
                                where relnamespace = current_schema()::regnamespace
                                  and relkind in ('r', 'p', 'v', 'm', 'S')
                                  and pg_has_role(current_user, relowner, 'member')) as owns,
                       current_setting('server_version_num')::int / 10000 as version
                  from pg_roles
                 where rolname = current_user
                """)
                .query((row, n) -> new Login(
                        row.getString("name"),
                        row.getBoolean("rolsuper"),
                        row.getBoolean("rolbypassrls"),
                        row.getBoolean("owns"),
                        row.getInt("version")))
                .single();
        if (login.version() < OLDEST) {
            throw new CannotStart(
                    "this PostgreSQL is version " + login.version() + ": Muster needs " + OLDEST + " or newer");
        }
        var why = login.superuser()
                ? "is a superuser"
                : login.bypasses() ? "has BYPASSRLS" : login.owns() ? "owns tables" : "";
        if (!why.isEmpty()) {
            throw new CannotStart("MUSTER_DATABASE_USER " + login.name() + " " + why
                    + ": row level security would not bind it; give a plain login, and MUSTER_DATABASE_OWNER_USER for the"
                    + " migrations");
        }
    }
}
