package io.muster.server.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What the pages have to tell: tenants of two policies in three regions, an intake store that a probe watches, one job
 * that fails and leaves data of two tenants where it may not be, one that is well.
 */
public final class Story {
    private final Http http;
    private final JdbcClient db;
    private final Instant now;

    public Story(Http http, JdbcClient db, Instant now) {
        this.http = http;
        this.db = db;
        this.now = now;
    }

    public void tell() {
        declare("policies/eu-only", """
                {"name":"EU only","extends":"gdpr-eea-only","max_dwell":"PT20M"}""");
        declare("policies/us-only", """
                {"name":"US only","allow":["US"],"default":"deny","max_dwell":"PT1H"}""");
        tenant("aurelia-bank", "Aurelia Bank AG", "gold", "eu-only", "eu-central-1");
        tenant("fjordlight", "Fjordlight Energi AS", "silver", "eu-only", "eu-central-1");
        tenant("montclair", "Montclair Santé", "gold", "eu-only", "eu-west-1");
        tenant("redwood", "Redwood Transit", "bronze", "us-only", "us-east-1");
        store("intake-us", "us-east-1", "intake", "\"all\"");
        store("ledger-fra", "eu-central-1", "primary", "\"policy:eu-only\"");
        store("ledger-dub", "eu-west-1", "replica", "\"policy:eu-only\"");
        var sweep = check("eu-intake-sweep", "EU intake sweep", "down", 51, true);
        var split = check("eu-ledger-copy", "EU ledger copy", "up", 6, false);
        replication(sweep, "intake-us", "ledger-fra");
        replication(split, "intake-us", "ledger-dub");
        db.sql("""
                insert into probe (id, store, sql, every_seconds, timeout_seconds, created_at, updated_at, begun_at, tried_at)
                values ('intake-us-users', 'intake-us', 'select 1', 60, 10, :t, :t, :begun, :begun)
                """)
                .param("t", at(Duration.ofDays(3)))
                .param("begun", at(Duration.ofSeconds(38)))
                .update();
        exposure("aurelia-bank", sweep, "VIOLATION", 51, 1_204L);
        exposure("fjordlight", sweep, "VIOLATION", 34, 86L);
        exposure("montclair", split, "AT_RISK", 6, null);
        exposure("montclair", sweep, "CLOSED", 300, 7L);
    }

    public void declare(String path, String json) {
        var answer = http.put("/api/v1/" + path, json);
        assertThat(answer.status()).as(answer.body()).isIn(200, 201);
    }

    public void tenant(String id, String name, String tier, String policy, String home) {
        declare("tenants/" + id, """
                {"name":"%s","tier":"%s","policy":"%s","home":"%s"}""".formatted(name, tier, policy, home));
    }

    public void store(String id, String region, String role, String tenants) {
        declare("stores/" + id, """
                {"region":"%s","role":"%s","kind":"postgresql","tenants":%s}""".formatted(region, role, tenants));
    }

    public long check(String slug, String name, String status, int minutesAgo, boolean failed) {
        var id = db.sql("""
                insert into checks (project, uuid, unique_key, job_id, native, slug, name, tags, kind, every_seconds,
                                    grace_seconds, created_at, updated_at, status, status_since, last_ping, last_success,
                                    last_report_failed, pings, due_at)
                values ('default', :uuid, :key, :slug, true, :slug, :name, 'eu', 'every', 900, 300, :old, :old, :status,
                        :ping, :last, :good, :failed, 8, cast(:last as timestamptz) + interval '900 seconds')
                returning id
                """)
                .param("uuid", UUID.nameUUIDFromBytes(slug.getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                .param("key", slug)
                .param("slug", slug)
                .param("name", name)
                .param("old", at(Duration.ofDays(3)))
                .param("status", status)
                .param("ping", at(Duration.ofMinutes(minutesAgo)))
                .param("last", at(Duration.ofMinutes(Math.min(minutesAgo, 1))))
                .param("good", at(Duration.ofMinutes(minutesAgo + 15L)))
                .param("failed", failed)
                .query(Long.class)
                .single();
        for (var i = 0; i < 8; i++) {
            var end = Duration.ofMinutes(1 + 15L * (7 - i));
            ping(id, 2 * i + 1, "start", end.plusSeconds(50), null);
            ping(id, 2 * i + 2, failed && i > 3 ? "fail" : "success", end, failed && i > 3 ? 2 : null);
        }
        db.sql("""
                insert into flip (check_id, at, recorded_at, from_status, to_status, reason)
                values (:id, :at, :at, 'up', :to, :reason)
                """)
                .param("id", id)
                .param("at", at(Duration.ofMinutes(minutesAgo)))
                .param("to", failed ? "down" : "up")
                .param("reason", failed ? "exit_code" : "success")
                .update();
        return id;
    }

    private void ping(long check, int n, String kind, Duration ago, @Nullable Integer exit) {
        db.sql("""
                insert into ping (check_id, n, at, kind, scheme, method, user_agent, remote_addr, rid, exit_status, body)
                values (:check, :n, :at, :kind, 'https', 'POST', 'curl/8.11', '10.24.3.9', :rid, :exit, :body)
                """)
                .param("check", check)
                .param("n", n)
                .param("at", at(ago))
                .param("kind", kind)
                .param("rid", new UUID(1, (n + 1) / 2))
                .param("exit", exit, java.sql.Types.SMALLINT)
                .param("body", "rolled back: 0 rows copied".getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .update();
    }

    public void replication(long check, String from, String to) {
        db.sql("""
                insert into replication (check_id, from_store, to_store, tenants, declared_at, proven)
                values (:check, :from, :to, '"policy:eu-only"', :at, cast(:proven as jsonb))
                """)
                .param("check", check)
                .param("from", from)
                .param("to", to)
                .param("at", at(Duration.ofDays(3)))
                .param("proven", """
                        [{"at":"%s","evidence":"INFERRED","ping":1}]""".formatted(now.minus(Duration.ofMinutes(6))))
                .update();
    }

    public long exposure(String tenant, long check, String state, int minutesAgo, @Nullable Long rows) {
        var since = at(Duration.ofMinutes(minutesAgo));
        var violated = !state.equals("AT_RISK");
        var id = db.sql("""
                insert into exposure (tenant, policy, check_id, store, region, state, reason, evidence, rows, oldest_at,
                                      opened_at, recorded_at, violation_at, aware_at, decide_by, closed_at, closed_by_kind,
                                      closed_by_id, max_dwell_seconds)
                values (:tenant, 'eu-only', :check, 'intake-us', 'us-east-1', :state, 'FAILED', :evidence, :rows, :oldest,
                        :opened, :since, :violation, :violation, :decide, :closed, :by, :by, 1200)
                returning id
                """)
                .param("tenant", tenant)
                .param("check", check)
                .param("state", state)
                .param("evidence", rows == null ? "INFERRED" : "MEASURED")
                .param("rows", rows, java.sql.Types.BIGINT)
                .param("oldest", rows == null ? null : since.minusMinutes(20), java.sql.Types.TIMESTAMP_WITH_TIMEZONE)
                .param("opened", violated ? since.minusMinutes(10) : since)
                .param("since", since)
                .param("violation", violated ? since : null, java.sql.Types.TIMESTAMP_WITH_TIMEZONE)
                .param("decide", violated ? since.plusHours(72) : null, java.sql.Types.TIMESTAMP_WITH_TIMEZONE)
                .param(
                        "closed",
                        state.equals("CLOSED") ? since.plusMinutes(9) : null,
                        java.sql.Types.TIMESTAMP_WITH_TIMEZONE)
                .param("by", state.equals("CLOSED") ? "PROBE" : null, java.sql.Types.VARCHAR)
                .query(Long.class)
                .single();
        said(
                id,
                tenant,
                since.minusMinutes(10),
                "AT_RISK",
                "EU intake sweep failed and is 10 min behind; 20 min allowed");
        if (violated) said(id, tenant, since, "VIOLATION", "probe intake-us-users counted rows; 20 min allowed");
        if (state.equals("CLOSED")) said(id, tenant, since.plusMinutes(9), "CLOSED", "a probe sees no row");
        return id;
    }

    private void said(long exposure, String tenant, java.time.OffsetDateTime at, String state, String why) {
        db.sql("""
                insert into exposure_history (exposure, tenant, at, recorded_at, state, evidence, reason, rows, why)
                values (:exposure, :tenant, :at, :at, :state, 'MEASURED', 'FAILED', 412, :why)
                """)
                .param("exposure", exposure)
                .param("tenant", tenant)
                .param("at", at)
                .param("state", state)
                .param("why", why)
                .update();
    }

    private java.time.OffsetDateTime at(Duration ago) {
        return now.minus(ago).atOffset(ZoneOffset.UTC);
    }
}
