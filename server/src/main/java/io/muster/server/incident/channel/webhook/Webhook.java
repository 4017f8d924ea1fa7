package io.muster.server.incident.channel.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.muster.server.incident.channel.Carrier;
import io.muster.server.incident.channel.Message;
import io.muster.server.incident.channel.Outbound;
import io.muster.server.incident.channel.Receipt;
import io.muster.server.incident.channel.RetryAfter;
import io.muster.server.incident.channel.Words;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * A signed webhook. Its body has less than 20 kB: of names 20 at most, of texts 1,000 characters.
 *
 * @see <a href="https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md">Standard
 *     Webhooks 1.0.0</a>
 */
@Component
class Webhook implements Carrier {

    private static final int LONGEST_TEXT = 1_000;

    private final Outbound outbound;
    private final JsonMapper json;

    Webhook(Outbound outbound, JsonMapper json) {
        this.outbound = outbound;
        this.json = json;
    }

    @Override
    public String kind() {
        return "webhook";
    }

    @Override
    public Receipt send(Destination to, Parcel parcel) {
        if (to.secret() == null) return new Receipt.Failed("the secret of this channel is not given");
        SigningSecret secret;
        try {
            secret = SigningSecret.of(to.secret());
        } catch (IllegalArgumentException wrong) {
            return new Receipt.Failed("the secret of this channel " + wrong.getMessage());
        }
        var body = body(parcel).getBytes(UTF_8);
        var timestamp = Long.toString(parcel.now().getEpochSecond());
        try {
            var answer = outbound.post(
                    to.address(),
                    Map.of(
                            "Content-Type",
                            "application/json",
                            "webhook-id",
                            parcel.id(),
                            "webhook-timestamp",
                            timestamp,
                            "webhook-signature",
                            secret.sign(parcel.id(), timestamp, body)),
                    body);
            return receipt(answer, parcel.now());
        } catch (IOException failure) {
            return new Receipt.Failed(RetryAfter.reason(failure));
        }
    }

    private static Receipt receipt(Outbound.Answer answer, Instant now) {
        var said = "HTTP " + answer.status() + answer.excerpt();
        if (answer.status() / 100 == 2) return new Receipt.Accepted("HTTP " + answer.status());
        if (answer.status() == 410) return new Receipt.Gone(said);
        return new Receipt.Failed(said, RetryAfter.of(answer, now));
    }

    /** The same at each try. Members that are not in the contract's example only add to it. */
    String body(Parcel parcel) {
        var message = parcel.message();
        var data = new LinkedHashMap<String, @Nullable Object>();
        var job = message.job();
        data.put("job", job == null ? null : job.id());
        data.put("store", message.store());
        data.put("region", message.region());
        data.put("tenants", message.tenants());
        data.put("tenants_total", message.tenantsTotal());
        data.put("since", Words.instant(message.since()));
        data.put("cause", cut(message.cause()));
        data.put("what_to_do", cut(message.whatToDo()));
        data.put("url", parcel.link());
        data.put("jobs", ids(message.jobs()));
        data.put("jobs_total", message.jobsTotal());
        data.put("changes", message.changes());
        data.put("open", message.open());
        var body = new LinkedHashMap<String, Object>();
        body.put("type", message.type());
        body.put("timestamp", Words.instant(message.at()));
        body.put("data", data);
        return json.writeValueAsString(body);
    }

    private static List<String> ids(List<Message.Named> jobs) {
        return jobs.stream().map(Message.Named::id).toList();
    }

    private static String cut(String text) {
        if (text.length() <= LONGEST_TEXT) return text;
        var end = LONGEST_TEXT - 1;
        return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end) + "…";
    }
}
