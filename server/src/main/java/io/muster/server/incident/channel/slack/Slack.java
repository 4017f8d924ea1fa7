package io.muster.server.incident.channel.slack;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.muster.server.incident.channel.Carrier;
import io.muster.server.incident.channel.Message;
import io.muster.server.incident.channel.Outbound;
import io.muster.server.incident.channel.Receipt;
import io.muster.server.incident.channel.RetryAfter;
import io.muster.server.incident.channel.Words;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * An incoming webhook of Slack. Limits: 50 blocks, 3,000 characters in a section, 4,000 in the fallback text; what others
 * wrote is escaped, so that no job's name can call a whole channel.
 *
 * @see <a href="https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks">Incoming webhooks</a>
 */
@Component
class Slack implements Carrier {

    private static final int LONGEST_SECTION = 3_000;

    private final Outbound outbound;
    private final JsonMapper json;

    Slack(Outbound outbound, JsonMapper json) {
        this.outbound = outbound;
        this.json = json;
    }

    @Override
    public String kind() {
        return "slack";
    }

    /** 200 with any other body than {@code ok} is no success. */
    @Override
    public Receipt send(Destination to, Parcel parcel) {
        try {
            var answer = outbound.post(
                    to.address(),
                    Map.of("Content-Type", "application/json; charset=utf-8"),
                    body(parcel).getBytes(UTF_8));
            var said = "HTTP " + answer.status() + answer.excerpt();
            if (answer.status() == 200 && answer.body().strip().equals("ok")) return new Receipt.Accepted(said);
            if (answer.status() == 410) return new Receipt.Gone(said);
            return new Receipt.Failed(said, RetryAfter.of(answer, parcel.now()));
        } catch (IOException failure) {
            return new Receipt.Failed(RetryAfter.reason(failure));
        }
    }

    String body(Parcel parcel) {
        var words = Words.of(parcel.message());
        var blocks = new ArrayList<Map<String, Object>>();
        blocks.add(section(sign(parcel.message()) + " *" + escaped(words.headline()) + "*"));
        parcel.late().ifPresent(late -> blocks.add(section(":hourglass: " + escaped(late))));
        for (var fact : words.facts()) {
            blocks.add(section("*" + fact.name() + "*\n" + escaped(fact.text())));
        }
        blocks.add(section("<" + escaped(parcel.link()) + "|Open in Muster>"));
        var body = new LinkedHashMap<String, Object>();
        body.put("text", cut(escaped(words.headline())));
        body.put("unfurl_links", false);
        body.put("blocks", List.copyOf(blocks));
        return json.writeValueAsString(body);
    }

    /** A shape beside the colour, for those who see none. */
    private static String sign(Message message) {
        return switch (message.type()) {
            case "exposure.violation", "job.down", "log.down", "log.unsealed" -> ":red_circle:";
            case "exposure.at_risk", "job.reminder" -> ":large_orange_diamond:";
            default -> ":white_check_mark:";
        };
    }

    private static Map<String, Object> section(String text) {
        var words = new LinkedHashMap<String, Object>();
        words.put("type", "mrkdwn");
        words.put("text", cut(text));
        var section = new LinkedHashMap<String, Object>();
        section.put("type", "section");
        section.put("text", words);
        return section;
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    /** Not inside of an escape. */
    private static String cut(String text) {
        if (text.length() <= LONGEST_SECTION) return text;
        var end = LONGEST_SECTION - 1;
        var begun = text.lastIndexOf('&', end);
        if (begun > end - 5) end = begun;
        if (Character.isHighSurrogate(text.charAt(end - 1))) end--;
        return text.substring(0, end) + "…";
    }
}
