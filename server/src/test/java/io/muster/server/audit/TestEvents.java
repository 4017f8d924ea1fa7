package io.muster.server.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.merklelog.TlogProof;
import io.muster.merklelog.VerifierKey;
import io.muster.server.deadline.PassingTime;
import io.muster.server.testing.Http;
import java.util.List;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Lets any test send events of a tenant that happen now, and prove one as whoever has its receipt does. */
public record TestEvents(Http http, PassingTime time) {
    static final String PATH = "/api/v1/audit/events";

    /** An event that happens now, as JSON; members are such as {@code "action":"a","userId":"u"}. */
    String event(String tenant, String members) {
        return event(tenant, members, time.now().toString());
    }

    String event(String tenant, String members, String timestamp) {
        return "{\"tenantId\":\"" + tenant + "\",\"timestamp\":\"" + timestamp + "\"," + members + "}";
    }

    /** The id of one that is recorded. */
    String sent(String tenant, String members) {
        return sent(event(tenant, members));
    }

    String sent(String event) {
        var answer = http.post(PATH, event);
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        return answer.json().get("eventId").stringValue();
    }

    /** Up to 1000 in one array. */
    void many(String tenant, int n, IntFunction<String> members) {
        var events = IntStream.range(0, n)
                .mapToObj(i -> event(tenant, members.apply(i)))
                .collect(Collectors.joining(",", "[", "]"));
        var answer = http.post(PATH, events);
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    }

    List<VerifierKey> keys(String tenant) {
        return http.get("/logs/" + tenant + "/vkey")
                .body()
                .lines()
                .map(VerifierKey::parse)
                .toList();
    }

    byte[] proof(String id) {
        return http.get(PATH + "/" + id + "/proof").response().body();
    }

    byte[] envelope(String id) {
        return http.get(PATH + "/" + id + "/envelope").response().body();
    }

    /** That the event, which was received now, is in the tenant's log, and where. */
    TlogProof proven(String tenant, String id, byte[] proof) throws Exception {
        var parsed = TlogProof.parse(proof);
        var keys = keys(tenant);
        var leaf = SealedEvent.leaf(time.now(), SealedEvent.sha256(envelope(id)), UUID.fromString(id));
        parsed.verify(leaf, keys.getFirst().name(), keys);
        return parsed;
    }
}
