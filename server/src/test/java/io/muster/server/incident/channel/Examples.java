package io.muster.server.incident.channel;

import io.muster.server.incident.channel.Carrier.Parcel;
import io.muster.server.incident.channel.Message.Named;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One message of each kind, as it comes at three in the morning. */
public final class Examples {

    private static final Instant AT = Instant.parse("2026-03-01T03:00:10Z");
    private static final Named COPY = new Named("users-to-eu", "users intake to EU");

    public static Map<String, Message> all() {
        var all = new LinkedHashMap<String, Message>();
        all.put(
                "job-down",
                message(
                        "job.down",
                        List.of(COPY),
                        1,
                        List.of("acme", "globex"),
                        2,
                        "2026-03-01T02:45:00Z",
                        null,
                        "users intake to EU failed with exit code 2",
                        "Look at the last output of the job, mend it and run it again; its data waits in us-east-1.",
                        "/checks/users-to-eu",
                        changes("job.down", 1),
                        changes("job.down", 1, "exposure.at_risk", 2)));
        all.put(
                "store-down",
                message(
                        "exposure.violation",
                        jobs(),
                        400,
                        tenants(),
                        4_000,
                        "2026-03-01T02:45:10Z",
                        null,
                        "no run of copy-000 has succeeded since 2026-03-01 02:45:10 UTC (the first of 4,000)",
                        "Bring the data home or stop the intake; by 2026-03-04 03:00 UTC somebody must decide whether authorities are told.",
                        "/exposures",
                        changes("exposure.violation", 4_000, "job.down", 400),
                        changes("exposure.violation", 4_000, "job.down", 400)));
        all.put(
                "violation",
                message(
                        "exposure.violation",
                        List.of(COPY),
                        1,
                        List.of("acme"),
                        1,
                        "2026-03-01T03:00:00Z",
                        null,
                        "a probe saw 1,204 rows of acme, the oldest of 02:45:00 UTC; 15 min are allowed",
                        "Bring the data home or stop the intake; by 2026-03-04 03:00 UTC somebody must decide whether authorities are told.",
                        "/exposures/42",
                        changes("exposure.violation", 1),
                        changes("exposure.violation", 1, "job.down", 1)));
        all.put(
                "at-risk",
                message(
                        "exposure.at_risk",
                        List.of(COPY),
                        1,
                        List.of("acme", "globex"),
                        2,
                        "2026-03-01T02:48:45Z",
                        null,
                        "users intake to EU is 11 min 15 s behind; 15 min allowed",
                        "See why the job is late; it is a violation at 03:00 UTC.",
                        "/exposures",
                        changes("exposure.at_risk", 2),
                        changes("exposure.at_risk", 2)));
        all.put(
                "closed",
                message(
                        "exposure.closed",
                        List.of(COPY),
                        1,
                        List.of("acme"),
                        1,
                        "2026-03-01T03:00:05Z",
                        "2026-03-01T01:40:05Z",
                        "the manifest of users intake to EU proves that nothing before 03:00:00 UTC is left",
                        "Nothing now. The decision about notifying is still due.",
                        "/exposures/42",
                        changes("exposure.closed", 1, "job.up", 1),
                        Map.of()));
        all.put(
                "job-up",
                message(
                        "job.up",
                        List.of(COPY),
                        1,
                        List.of(),
                        0,
                        "2026-03-01T03:00:00Z",
                        "2026-03-01T02:45:00Z",
                        "users intake to EU reported success",
                        "Nothing.",
                        "/checks/users-to-eu",
                        changes("job.up", 1),
                        Map.of()));
        all.put(
                "reminder",
                message(
                        "job.reminder",
                        List.of(COPY),
                        1,
                        List.of("acme"),
                        1,
                        "2026-02-28T02:45:00Z",
                        null,
                        "users intake to EU failed with exit code 2",
                        "Look at the last output of the job.",
                        "/checks/users-to-eu",
                        Map.of(),
                        changes("exposure.violation", 1, "job.down", 1)));
        all.put(
                "hostile",
                message(
                        "job.down",
                        List.of(new Named("x", "<!channel> & <script>alert(1)</script>\r\nBcc: a@b")),
                        1,
                        List.of(),
                        0,
                        "2026-03-01T02:45:00Z",
                        null,
                        "said: <http://evil.example|click> *bold* \u0007",
                        "&lt; " + "long ".repeat(600),
                        "/checks/x",
                        changes("job.down", 1),
                        changes("job.down", 1)));
        all.put("test", Message.test(AT));
        return all;
    }

    public static Parcel parcel(Message message) {
        return new Parcel(
                "msg_0123456789abcdef0123456789abcdef",
                message,
                "https://muster.example" + message.path(),
                AT,
                Optional.empty());
    }

    private static Message message(
            String type,
            List<Named> jobs,
            int jobsTotal,
            List<String> tenants,
            int tenantsTotal,
            String since,
            @Nullable String began,
            String cause,
            String whatToDo,
            String path,
            Map<String, Integer> changes,
            Map<String, Integer> open) {
        return new Message(
                type,
                AT,
                jobsTotal == 1 ? jobs.getFirst() : null,
                jobs,
                jobsTotal,
                "intake-us",
                "us-east-1",
                tenants,
                tenantsTotal,
                Instant.parse(since),
                began == null ? null : Instant.parse(began),
                cause,
                whatToDo,
                path,
                changes,
                open);
    }

    private static List<Named> jobs() {
        return IntStream.range(0, 20)
                .mapToObj("copy-%03d"::formatted)
                .map(id -> new Named(id, id))
                .toList();
    }

    private static List<String> tenants() {
        return IntStream.range(0, 20).mapToObj("tenant-%04d"::formatted).toList();
    }

    private static Map<String, Integer> changes(Object... pairs) {
        var changes = new LinkedHashMap<String, Integer>();
        for (int i = 0; i < pairs.length; i += 2) changes.put((String) pairs[i], (Integer) pairs[i + 1]);
        return changes;
    }

    private Examples() {}
}
