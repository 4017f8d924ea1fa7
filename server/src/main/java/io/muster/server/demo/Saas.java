package io.muster.server.demo;

import io.muster.server.embedded.DataFolder;
import io.muster.server.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;

/**
 * The databases of the SaaS: one in which all data arrives, and a home in each region of Europe. Real ones, each reached
 * by a login that cannot see Muster's own.
 */
@Component
@ConditionalOnProperty(name = "muster.mode", havingValue = "demo")
class Saas {
    private static final String INTAKE = "intake_us_east_1";
    private static final String OWNER = "saas";
    private static final String READER = "saas_reader"; // what Muster's probes look with
    private static final int BATCH = 2_000;
    private static final int KEPT_AT_HOME = 20_000;
    private static final int MOST_WAITING = 100_000; // a job that stays broken for days must not fill the disk

    /** Rows are committed at most this much later than the instant that they carry. */
    private static final Duration IN_FLIGHT = Duration.ofSeconds(2);

    private static final List<String> FIRST_NAMES = List.of(
            "Ada", "Bruno", "Carla", "Dario", "Elin", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kaia", "Luca", "Mara",
            "Nils", "Olga", "Pavel", "Rosa", "Sami", "Tilda", "Viktor");
    private static final List<String> LAST_NAMES = List.of(
            "Abel", "Brandt", "Costa", "Dahl", "Egger", "Ferro", "Grau", "Holm", "Ivers", "Jansen", "Keller", "Lang",
            "Moreau", "Nowak", "Oster", "Perez", "Quist", "Rossi", "Sorel", "Tamm");

    /** One of the SaaS's customers, as Muster's catalogue knows it. */
    record Customer(String id, String home) {}

    /**
     * What one run brought home.
     *
     * @param watermark all data before it is home and gone from the intake
     */
    record BroughtHome(Instant watermark, Map<String, Moved> tenants) {
        long rows() {
            return tenants.values().stream().mapToLong(Moved::rows).sum();
        }
    }

    record Moved(long rows, long bytes) {
        Moved plus(Moved other) {
            return new Moved(rows + other.rows, bytes + other.bytes);
        }
    }

    private record Row(long id, String tenant, String json) {}

    private final EmbeddedPostgres postgres;
    private final Path secrets;
    private final InstantSource clock;
    private final RandomGenerator random = RandomGenerator.getDefault();
    private volatile List<Customer> customers = List.of();

    Saas(EmbeddedPostgres postgres, DataFolder folder, InstantSource clock) {
        this.postgres = postgres;
        this.secrets = folder.path().resolve("given-secrets");
        this.clock = clock;
    }

    /** Makes what is not there yet. */
    void open(List<String> homes) throws SQLException, IOException {
        postgres.createLogin(OWNER, password("saas-owner-password"));
        postgres.createLogin(READER, password("saas-reader-password"));
        write("saas-reader-user", READER);
        write(
                "inbox-secret",
                "whsec_" + Base64.getEncoder().encodeToString(HexFormat.of().parseHex(password("inbox-key"))));
        postgres.createDatabase(INTAKE, OWNER);
        try (var intake = connect(INTAKE)) {
            createTables(intake, true);
            execute(intake, "create table if not exists tenant (id text primary key, home text not null)");
            execute(intake, "create table if not exists broken (job text primary key, since timestamptz not null)");
            for (var home : homes) {
                postgres.createDatabase(database(home), OWNER);
                if (isOpen(intake, database(home))) {
                    try (var connection = connect(database(home))) {
                        createTables(connection, false);
                    }
                }
            }
        }
    }

    private void createTables(Connection connection, boolean intake) throws SQLException {
        execute(connection, "grant connect on database " + connection.getCatalog() + " to " + READER);
        for (var table : Table.values()) {
            execute(connection, table.createAt(intake));
        }
        execute(connection, "grant select on all tables in schema public to " + READER);
    }

    /** From now on these sign up users. */
    void serve(List<Customer> customers) throws SQLException {
        try (var intake = connect(INTAKE);
                var known = intake.prepareStatement("""
                        insert into tenant (id, home)
                        values (?, ?)
                            on conflict (id) do update
                           set home = excluded.home
                        """)) {
            for (var customer : customers) {
                known.setString(1, customer.id());
                known.setString(2, customer.home());
                known.addBatch();
            }
            known.executeBatch();
        }
        this.customers = customers;
    }

    /** A moment of an ordinary day: some people sign up, something is sold. */
    void live() throws SQLException {
        try (var intake = connect(INTAKE);
                var user = intake.prepareStatement("insert into users (tenant_id, full_name, email) values (?, ?, ?)");
                var invoice =
                        intake.prepareStatement("insert into invoices (tenant_id, customer, cents) values (?, ?, ?)")) {
            if (waiting(intake) > MOST_WAITING) {
                return;
            }
            for (int i = random.nextInt(1, 6); i > 0; i--) {
                var customer = any(customers);
                var first = any(FIRST_NAMES);
                var last = any(LAST_NAMES);
                user.setString(1, customer.id());
                user.setString(2, first + " " + last);
                user.setString(3, (first + "." + last).toLowerCase(Locale.ROOT) + "@mail.example");
                user.addBatch();
                if (random.nextInt(3) == 0 && !customer.home().equals("eu-central-1")) {
                    invoice.setString(1, customer.id());
                    invoice.setString(2, first + " " + last);
                    invoice.setLong(3, random.nextLong(500, 90_000));
                    invoice.addBatch();
                }
            }
            user.executeBatch();
            invoice.executeBatch();
        }
    }

    private <T> T any(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    private static long waiting(Connection intake) throws SQLException {
        try (var sql = intake.createStatement();
                var rows = sql.executeQuery("select sum(n_live_tup) from pg_stat_user_tables")) {
            rows.next();
            return rows.getLong(1);
        }
    }

    /** Copies what waits for a region to its home there, then deletes it at the intake. Repeatable at any point. */
    BroughtHome bringHome(Table table, String region) throws SQLException {
        var started = clock.instant();
        var moved = new TreeMap<String, Moved>();
        try (var home = connect(database(region));
                var intake = connect(INTAKE)) {
            home.setAutoCommit(false);
            for (var rows = waiting(intake, table, region); !rows.isEmpty(); rows = waiting(intake, table, region)) {
                insert(home, table, rows);
                home.commit();
                delete(intake, table, rows);
                for (var row : rows) {
                    moved.merge(row.tenant(), new Moved(1, row.json().length()), Moved::plus);
                }
                if (rows.size() < BATCH) {
                    break;
                }
            }
            try (var trim = home.prepareStatement(table.trim)) {
                trim.setLong(1, KEPT_AT_HOME);
                trim.executeUpdate();
            }
            home.commit();
        }
        return new BroughtHome(started.minus(IN_FLIGHT), moved);
    }

    private static List<Row> waiting(Connection intake, Table table, String region) throws SQLException {
        var found = new ArrayList<Row>();
        try (var query = intake.prepareStatement(table.waiting)) {
            query.setString(1, region);
            query.setInt(2, BATCH);
            try (var rows = query.executeQuery()) {
                while (rows.next()) {
                    found.add(new Row(rows.getLong(1), rows.getString(2), rows.getString(3)));
                }
            }
        }
        return found;
    }

    private static void insert(Connection home, Table table, List<Row> rows) throws SQLException {
        try (var bring = home.prepareStatement(table.bring)) {
            for (var row : rows) {
                bring.setString(1, row.json());
                bring.addBatch();
            }
            bring.executeBatch();
        }
    }

    private static void delete(Connection intake, Table table, List<Row> rows) throws SQLException {
        try (var remove = intake.prepareStatement(table.remove)) {
            remove.setArray(
                    1, intake.createArrayOf("bigint", rows.stream().map(Row::id).toArray()));
            remove.executeUpdate();
        }
    }

    /** The customers in the US have arrived where they may be: of theirs, only the newest are kept. */
    void forgetOldOfTheUs() throws SQLException {
        try (var intake = connect(INTAKE)) {
            for (var table : List.of("users", "invoices")) {
                execute(
                        intake,
                        "delete from " + table + " r using tenant t where t.id = r.tenant_id and t.home = 'us-east-1'"
                                + " and r.created_at < now() - interval '15 minutes'");
            }
        }
    }

    /** The home refuses every connection, also of a job that is running; whoever is told twice changes nothing. */
    void breakHome(String region, String job) throws SQLException {
        var database = database(region);
        try (var intake = connect(INTAKE)) {
            execute(intake, "alter database " + database + " with allow_connections false");
            execute(
                    intake,
                    "select pg_terminate_backend(pid) from pg_stat_activity where usename = current_user and datname = '"
                            + database + "'");
            try (var broken = intake.prepareStatement(
                    "insert into broken (job, since) values (?, now()) on conflict do nothing")) {
                broken.setString(1, job);
                broken.executeUpdate();
            }
        }
    }

    void healHome(String region) throws SQLException {
        try (var intake = connect(INTAKE)) {
            execute(intake, "alter database " + database(region) + " with allow_connections true");
        }
        try (var home = connect(database(region))) {
            createTables(home, false);
        }
    }

    int customers() {
        return customers.size();
    }

    /** What became of a job's home, here or before the last restart. */
    enum Damage {
        NEVER,
        NOW,
        HEALED
    }

    Damage damage(String region, String job) throws SQLException {
        try (var intake = connect(INTAKE)) {
            if (!isOpen(intake, database(region))) return Damage.NOW;
        }
        return wasBroken(job) ? Damage.HEALED : Damage.NEVER;
    }

    /** Whether it was ever broken, here or before the last restart. */
    boolean wasBroken(String job) throws SQLException {
        try (var intake = connect(INTAKE);
                var query = intake.prepareStatement("select from broken where job = ?")) {
            query.setString(1, job);
            try (var rows = query.executeQuery()) {
                return rows.next();
            }
        }
    }

    private static boolean isOpen(Connection any, String database) throws SQLException {
        try (var query = any.prepareStatement("select datallowconn from pg_database where datname = ?")) {
            query.setString(1, database);
            try (var rows = query.executeQuery()) {
                return rows.next() && rows.getBoolean(1);
            }
        }
    }

    /** The port of the databases, for the catalogue. */
    String address() {
        return postgres.url(INTAKE).replaceFirst("^jdbc:postgresql://", "").replaceFirst("/.*", "");
    }

    private static String database(String region) {
        return "home_" + region.replace('-', '_');
    }

    private Connection connect(String database) throws SQLException {
        var settings = new Properties();
        settings.putAll(Map.of(
                "user", OWNER,
                "password", read("saas-owner-password"),
                "connectTimeout", "5",
                "socketTimeout", "60",
                "ApplicationName", "saas"));
        return DriverManager.getConnection(postgres.url(database), settings);
    }

    private static void execute(Connection connection, String statement) throws SQLException {
        try (var sql = connection.createStatement()) {
            sql.execute(statement);
        }
    }

    /** Made at the first start; in a file of the folder of given secrets, where the catalogue's references point. */
    private String password(String name) throws IOException {
        if (!Files.exists(secrets.resolve(name))) {
            var bytes = new byte[24];
            new SecureRandom().nextBytes(bytes);
            write(name, HexFormat.of().formatHex(bytes));
        }
        return read(name);
    }

    private String read(String name) {
        try {
            return Files.readString(secrets.resolve(name)).strip();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void write(String name, String text) throws IOException {
        Files.createDirectories(
                secrets, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        var fresh = secrets.resolve(name + ".new");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(fresh, text + "\n", StandardCharsets.US_ASCII);
        Files.move(fresh, secrets.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }
}
