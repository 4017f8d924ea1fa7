package io.muster.server.incident.channel.slack;

import io.muster.server.incident.channel.Listener;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Slack's incoming webhook with its documented limits: 400 {@code invalid_blocks} or {@code invalid_payload}. */
public final class SlackFake extends Listener {

    private static final Set<String> BLOCKS = Set.of("section", "header", "divider", "context");

    @Override
    protected Says judge(Call call) {
        if (!call.header("content-type").startsWith("application/json")) return says(400, "invalid_payload");
        JsonNode body;
        try {
            body = call.json();
        } catch (RuntimeException noJson) {
            return says(400, "invalid_payload");
        }
        var text = body.path("text").asString("");
        if (text.isEmpty() || text.length() > 40_000 || !clean(text)) return says(400, "no_text");
        var blocks = body.path("blocks");
        if (!blocks.isArray() || blocks.size() > 50) return says(400, "invalid_blocks");
        for (var block : blocks) {
            if (!BLOCKS.contains(block.path("type").asString()) || !section(block)) return says(400, "invalid_blocks");
        }
        return says(200, "ok");
    }

    private static boolean section(JsonNode block) {
        var text = block.path("text").path("text").asString("");
        return block.path("text").path("type").asString().equals("mrkdwn")
                && !text.isEmpty()
                && text.length() <= 3_000
                && clean(text);
    }

    /** {@code <} begins a link or a mention, {@code &} an escape: nothing else may. */
    private static boolean clean(String text) {
        return text.replaceAll("<https?://[^<>|\\s]+(\\|[^<>|]+)?>", "")
                .replaceAll("&(amp|lt|gt);", "")
                .chars()
                .noneMatch(c -> c == '<' || c == '>' || c == '&');
    }

    private static Says says(int status, String body) {
        return new Says(status, body, Map.of("Content-Type", "text/html"));
    }
}
