package io.muster.server.heartbeat;

import io.muster.server.testing.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Makes checks for tests, and reads what became of them. */
@Component
class TestChecks {

    private final CheckRepository checks;
    private final DeclaredChecks declared;
    private final FlipRepository flips;
    private final JdbcClient db;
    private final TestClock clock;

    TestChecks(CheckRepository checks, DeclaredChecks declared, FlipRepository flips, JdbcClient db, TestClock clock) {
        this.checks = checks;
        this.declared = declared;
        this.flips = flips;
        this.db = db;
        this.clock = clock;
    }

    /** Every day, with an hour's grace, as the compatible API makes it. */
    @Transactional
    Check daily(String slug) {
        return with(slug, settings -> settings);
    }

    @Transactional
    Check with(String slug, UnaryOperator<Settings> change) {
        var uuid = UUID.randomUUID();
        declared.insert(List.of(
                DeclaredChecks.unborn("default", uuid, change.apply(Settings.fresh(slug, slug)), clock.instant())));
        declared.nameJobs("default", List.of(slug));
        return checks.byUuid(uuid).orElseThrow();
    }

    /** A plain success of it, by GET. */
    static Ping success(Check check, Instant at) {
        return new Ping(
                new Ping.Target.ByUuid(check.uuid().value()),
                at,
                Kind.SUCCESS,
                null,
                null,
                "http",
                "GET",
                "",
                null,
                new byte[0]);
    }

    /** As if it had been pinged so often, once a second: each with an odd number ends the run that the one before began. */
    void pings(Check check, int count) {
        db.sql("""
                insert into ping (check_id, n, at, kind, scheme, method, user_agent)
                select :check, n, :begun + n * interval '1 second', case n % 2 when 0 then 'start' else 'success' end,
                       'http', 'GET', ''
                  from generate_series(1, :count) as n
                """)
                .param("check", check.id())
                .param("begun", clock.instant().atOffset(java.time.ZoneOffset.UTC))
                .param("count", count)
                .update();
    }

    /** With a schedule and grace. */
    static UnaryOperator<Settings> schedule(Schedule schedule, Duration grace) {
        return is -> new Settings(
                is.isNative(),
                is.slug(),
                is.name(),
                is.tags(),
                is.description(),
                schedule,
                is.hidden().under(schedule),
                grace,
                is.manualResume(),
                is.postOnly(),
                is.keywords(),
                is.bodyLimit(),
                is.channels(),
                is.alertStore(),
                is.alertRegion(),
                is.bounds(),
                is.failuresBeforeAlert(),
                is.dependsOn());
    }

    static UnaryOperator<Settings> keywords(Keywords keywords) {
        return is -> new Settings(
                is.isNative(),
                is.slug(),
                is.name(),
                is.tags(),
                is.description(),
                is.schedule(),
                is.hidden(),
                is.grace(),
                is.manualResume(),
                is.postOnly(),
                keywords,
                is.bodyLimit(),
                is.channels(),
                is.alertStore(),
                is.alertRegion(),
                is.bounds(),
                is.failuresBeforeAlert(),
                is.dependsOn());
    }

    static UnaryOperator<Settings> flags(boolean manualResume, boolean postOnly) {
        return is -> new Settings(
                is.isNative(),
                is.slug(),
                is.name(),
                is.tags(),
                is.description(),
                is.schedule(),
                is.hidden(),
                is.grace(),
                manualResume,
                postOnly,
                is.keywords(),
                is.bodyLimit(),
                is.channels(),
                is.alertStore(),
                is.alertRegion(),
                is.bounds(),
                is.failuresBeforeAlert(),
                is.dependsOn());
    }

    /** A job of the tag {@code eu}, every hour with ten minutes' grace. */
    static Declaration hourly(String name) {
        return new Declaration(
                name,
                new Schedule.Every(Duration.ofHours(1)),
                Duration.ofMinutes(10),
                List.of("eu"),
                null,
                null,
                null,
                null,
                Bounds.NONE,
                1,
                List.of());
    }

    /** As a replication job declares its check. */
    static Declaration replicating() {
        return new Declaration(
                "replication",
                new Schedule.Every(Duration.ofHours(1)),
                Duration.ofMinutes(10),
                List.of(),
                null,
                1 << 20,
                "intake-us",
                "us-east-1",
                Bounds.NONE,
                1,
                List.of());
    }

    Check read(Check check) {
        return checks.byIds(List.of(check.id())).getFirst();
    }

    List<Check> bySlug(String slug) {
        return checks.byIds(checks.idsOf("default", slug, List.of()));
    }

    /** Like {@code new>up success}, newest first. */
    List<String> flips(Check check) {
        return flips.page(check.id(), null, 100).stream()
                .map(flip -> flip.from().word() + ">" + flip.to().word() + " " + flip.reason())
                .toList();
    }

    List<FlipRow> flipRows(Check check) {
        return flips.page(check.id(), null, 100);
    }

    record Row(
            long n,
            String kind,
            String scheme,
            String method,
            String userAgent,
            String remoteAddr,
            UUID rid,
            Integer exitStatus,
            byte[] body) {

        String text() {
            return body == null ? null : new String(body, java.nio.charset.StandardCharsets.ISO_8859_1);
        }
    }

    /** Oldest first. */
    List<Row> pings(Check check) {
        return db.sql("""
                select n, kind, scheme, method, user_agent, remote_addr, rid, exit_status, body
                  from ping
                 where check_id = :check
                 order by n
                """)
                .param("check", check.id())
                .query((row, n) -> new Row(
                        row.getLong("n"),
                        row.getString("kind"),
                        row.getString("scheme"),
                        row.getString("method"),
                        row.getString("user_agent"),
                        row.getString("remote_addr"),
                        row.getObject("rid", UUID.class),
                        row.getObject("exit_status", Integer.class),
                        row.getBytes("body")))
                .list();
    }

    String pingKey() {
        return db.sql("select ping_key from project where id = 'default'")
                .query(String.class)
                .single();
    }
}
