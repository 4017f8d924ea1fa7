package io.muster.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Audit events of 1,000 tenants with 100 users each, as requests. */
final class AuditEvents {
    static final int TENANTS = 1_000;
    static final int USERS = 100;
    static final int BATCH = 500;
    static final List<String> ACTIONS = List.of(
            "UPDATE_USER_PROFILE",
            "login",
            "document.read",
            "document.update",
            "export.create",
            "role.grant",
            "invoice.paid",
            "secret.read");

    static void declare(Calls calls) throws IOException, InterruptedException {
        var yaml = new StringBuilder(
                "muster: v1\nset: bench\npolicies: [{id: anywhere, name: Anywhere, default: allow, max_dwell: P1D}]\ntenants:\n");
        for (int i = 0; i < TENANTS; i++) {
            yaml.append("  - {id: t-").append(i).append(", name: T").append(i);
            yaml.append(", tier: gold, policy: anywhere, home: eu-west-1}\n");
        }
        calls.post("/api/v1/apply", "application/yaml", yaml.toString());
    }

    /** The i-th tenant has 1/i as many events as the first: Zipf's law. */
    static int zipf(Random random) {
        return (int) Math.min(TENANTS - 1, Math.pow(TENANTS + 1, random.nextDouble()) - 1);
    }

    static String batch(Random random) {
        var body = new StringBuilder("[");
        for (int i = 0; i < BATCH; i++) body.append(i == 0 ? "" : ",").append(event(random));
        return body.append(']').toString();
    }

    static String event(Random random) {
        int user = random.nextInt(USERS);
        return "{\"tenantId\":\"t-" + zipf(random) + "\",\"userId\":\"user-" + user + "@example.com\",\"action\":\""
                + ACTIONS.get(random.nextInt(ACTIONS.size())) + "\",\"timestamp\":\""
                + Instant.now().truncatedTo(ChronoUnit.MILLIS) + "\",\"resource\":\"/documents/"
                + random.nextInt(100_000)
                + "\",\"status\":\"" + (random.nextInt(20) == 0 ? "DENIED" : "SUCCESS") + "\",\"ip\":\"198.51.100."
                + user % 256
                + "\",\"userAgent\":\"Mozilla/5.0 (X11; Linux x86_64) Firefox/136." + user % 10
                + "\",\"service\":\"documents\",\"traceId\":\"" + Long.toHexString(random.nextLong())
                + "\",\"details\":{\"fieldChanged\":\"title\",\"oldValue\":\"draft " + random.nextInt(1000)
                + "\",\"newValue\":\"final " + random.nextInt(1000) + "\",\"bytes\":" + random.nextInt(100_000) + "}}";
    }

    static byte[] request(Server server, String body) throws IOException {
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        var head = ("POST /api/v1/audit/events HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: " + server.adminKey()
                        + "\r\nContent-Type: application/json\r\nContent-Length: " + bytes.length + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        var all = Arrays.copyOf(head, head.length + bytes.length);
        System.arraycopy(bytes, 0, all, head.length, bytes.length);
        return all;
    }

    static long count(Connection db) throws SQLException {
        try (var sql = db.createStatement();
                var rows = sql.executeQuery("select sum(size) from audit_head")) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private AuditEvents() {}
}
