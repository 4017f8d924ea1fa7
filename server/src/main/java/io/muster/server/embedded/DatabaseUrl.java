package io.muster.server.embedded;

/** The address of another PostgreSQL than our own. */
final class DatabaseUrl {

    /** Takes both forms: that of the driver and that of everybody else. */
    static String ofDriver(String url) {
        var plain = url.strip().replaceFirst("^jdbc:", "").replaceFirst("^postgres://", "postgresql://");
        if (!plain.matches("postgresql://[^\\s/]+/[^\\s?]+(\\?\\S*)?")) {
            throw new CannotStart(
                    "MUSTER_DATABASE_URL must be like postgresql://db.example.com:5432/muster?sslmode=verify-full");
        }
        if (plain.substring("postgresql://".length()).replaceFirst("/.*", "").contains("@")) {
            throw new CannotStart(
                    "MUSTER_DATABASE_URL must hold no login: give MUSTER_DATABASE_USER and _PASSWORD, which"
                            + " serve, and MUSTER_DATABASE_OWNER_USER and _PASSWORD, which migrate");
        }
        return "jdbc:" + plain;
    }

    private DatabaseUrl() {}
}
