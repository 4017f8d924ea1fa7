package io.muster.server.incident.channel.webhook;

import io.muster.server.incident.channel.Listener;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A receiver as the specification of Standard Webhooks wants it: 400 with the reason for whatever is not to the letter. */
public final class WebhookReceiver extends Listener {

    public static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private static final Set<String> TYPES = Set.of(
            "job.down",
            "job.up",
            "job.reminder",
            "exposure.at_risk",
            "exposure.violation",
            "exposure.closed",
            "log.down",
            "log.unsealed",
            "test");

    private final Supplier<Instant> clock;
    public final List<String> complaints = new ArrayList<>();

    public WebhookReceiver(Supplier<Instant> clock) {
        this.clock = clock;
    }

    @Override
    protected synchronized Says judge(Call call) {
        try {
            check(call);
            return Says.just(204);
        } catch (RuntimeException wrong) {
            complaints.add(String.valueOf(wrong.getMessage()));
            return new Says(400, String.valueOf(wrong.getMessage()), Map.of());
        }
    }

    private void check(Call call) {
        var id = call.header("webhook-id");
        var timestamp = call.header("webhook-timestamp");
        need(id.matches("[A-Za-z0-9_-]{1,64}"), "webhook-id: " + id);
        need(timestamp.matches("[0-9]{10}"), "webhook-timestamp: " + timestamp);
        var skew = Math.abs(Long.parseLong(timestamp) - clock.get().getEpochSecond());
        need(skew <= 300, "webhook-timestamp is " + skew + " s away");
        need(call.header("content-type").equals("application/json"), "content-type");
        need(call.bytes().length < 20_000, "the body has " + call.bytes().length + " bytes");
        var good = List.of(call.header("webhook-signature").split(" ")).stream()
                .anyMatch(signature -> signature.startsWith("v1,")
                        && MessageDigest.isEqual(
                                hmac(id + "." + timestamp + "." + call.body()),
                                Base64.getDecoder().decode(signature.substring(3))));
        need(good, "the signature does not fit");
        payload(new JsonMapper().readTree(call.body()));
    }

    private static void payload(JsonNode body) {
        need(body.propertyNames().equals(Set.of("type", "timestamp", "data")), "members: " + body.propertyNames());
        need(TYPES.contains(body.path("type").asString()), "type " + body.path("type"));
        instant(body.path("timestamp"));
        var data = body.path("data");
        for (var member :
                List.of("job", "store", "region", "tenants", "tenants_total", "since", "cause", "what_to_do", "url")) {
            need(data.has(member), "data lacks " + member);
        }
        for (var name : List.of("job", "store", "region")) {
            need(data.path(name).isNull() || data.path(name).isString(), name + " is " + data.path(name));
        }
        need(data.path("tenants").isArray() && data.path("tenants").size() <= 20, "tenants");
        need(data.path("tenants_total").isInt(), "tenants_total");
        need(data.path("tenants_total").asInt() >= data.path("tenants").size(), "tenants_total is too small");
        instant(data.path("since"));
        need(data.path("cause").isString() && !data.path("cause").asString().isBlank(), "cause");
        need(data.path("what_to_do").isString(), "what_to_do");
        need(data.path("url").asString().startsWith("http"), "url");
    }

    private static void instant(JsonNode node) {
        need(node.asString().matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z"), "no instant: " + node);
    }

    private static byte[] hmac(String signed) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(Base64.getDecoder().decode(SECRET.substring(6)), "HmacSHA256"));
            return mac.doFinal(signed.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static void need(boolean fine, String what) {
        if (!fine) throw new IllegalArgumentException(what);
    }
}
