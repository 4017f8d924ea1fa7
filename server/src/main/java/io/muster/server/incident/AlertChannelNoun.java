package io.muster.server.incident;

import io.muster.server.access.Caller;
import io.muster.server.incident.channel.Outbound;
import io.muster.server.incident.channel.Words;
import io.muster.server.keys.GivenSecret;
import io.muster.server.problem.Refused;
import io.muster.server.tenancy.FormField;
import io.muster.server.tenancy.Noun;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Channels as they are declared: {@code /api/v1/alert-channels}, and {@code alert_channels} of {@code apply}. */
@Component
class AlertChannelNoun implements Noun<AlertChannel> {

    private final ChannelRepository channels;
    private final DeliveryRepository deliveries;
    private final DeliverySender sender;
    private final Outbound outbound;

    AlertChannelNoun(
            ChannelRepository channels, DeliveryRepository deliveries, DeliverySender sender, Outbound outbound) {
        this.channels = channels;
        this.deliveries = deliveries;
        this.sender = sender;
        this.outbound = outbound;
    }

    @Override
    public String kind() {
        return "alert_channel";
    }

    @Override
    public String plural() {
        return "alert_channels";
    }

    @Override
    public Class<AlertChannel> type() {
        return AlertChannel.class;
    }

    /** Refers to nothing: a job that it selects may be declared later. */
    @Override
    public List<FormField> form() {
        return List.of(
                FormField.choice("kind", "Kind", List.of("email", "slack", "webhook"))
                        .must(),
                FormField.text("to", "To").example("ops@acme.example").hint("of an e-mail"),
                FormField.code("url", "Address")
                        .example("https://hooks.acme.example/muster")
                        .hint("of Slack or a webhook; may be env:MUSTER_SECRET_<NAME>, for it is a secret"),
                FormField.code("secret", "Secret")
                        .example("env:MUSTER_SECRET_HOOK")
                        .hint("of a webhook: signs what is sent"),
                FormField.of(FormField.Input.LIST, "sends", "Sends")
                        .example("down, up, violation, closed")
                        .hint("of down, up, reminder, at_risk, violation, closed"));
    }

    @Override
    public int order() {
        return 90;
    }

    @Override
    public AlertChannel settle(String id, AlertChannel sent, @Nullable AlertChannel before) {
        var url = asItWas("url", sent.url(), before == null ? null : before.url());
        var secret = asItWas("secret", sent.secret(), before == null ? null : before.secret());
        if (url != null) {
            url.literal().flatMap(outbound::objection).ifPresent(objection -> {
                throw new Refused("url", objection);
            });
        }
        return sent.with(url, secret);
    }

    /** {@code "***"} is what answers show of a secret: whoever sends it back means no change. */
    private static @Nullable GivenSecret asItWas(
            String field, @Nullable GivenSecret sent, @Nullable GivenSecret before) {
        if (sent == null || !sent.masked()) return sent;
        if (before == null) throw new Refused(field, "must be the secret itself or a reference: there is none yet");
        return before;
    }

    @Override
    public Map<String, Declared<AlertChannel>> find(Collection<String> ids, Caller caller) {
        var found = new LinkedHashMap<String, Declared<AlertChannel>>();
        if (caller.tenant() == null) {
            channels.find(ids).forEach(stored -> found.put(stored.id(), declared(stored)));
        }
        return found;
    }

    @Override
    public List<Declared<AlertChannel>> page(@Nullable String afterId, int limit, Caller caller) {
        if (caller.tenant() != null) return List.of();
        return channels.page(afterId, limit).stream()
                .map(AlertChannelNoun::declared)
                .toList();
    }

    private static Declared<AlertChannel> declared(ChannelRepository.Stored stored) {
        return new Declared<>(stored.id(), stored.value(), stored.version(), stored.createdAt(), stored.updatedAt());
    }

    @Override
    public void insert(List<Declared<AlertChannel>> news) {
        channels.insert(news.stream().map(one -> row(one, false)).toList());
    }

    @Override
    public void update(List<Edit<AlertChannel>> edits) {
        channels.update(edits.stream()
                .map(edit -> row(
                        edit.after(),
                        sameAddress(edit.before().value(), edit.after().value())))
                .toList());
    }

    private Map<String, @Nullable Object> row(Declared<AlertChannel> one, boolean sameAddress) {
        return channels.row(one.id(), one.value(), one.version(), one.updatedAt(), sameAddress);
    }

    private static boolean sameAddress(AlertChannel before, AlertChannel after) {
        return Objects.equals(before.to(), after.to()) && Objects.equals(before.url(), after.url());
    }

    /** What waits for a channel that is deleted reaches nobody any more, and that is on record. */
    @Override
    public void delete(List<Declared<AlertChannel>> gone, Instant now) {
        var ids = gone.stream().map(Declared::id).toList();
        channels.delete(ids);
        var why = "the channel was deleted";
        var lost = deliveries.giveUpOn(ids, why, now);
        sender.record(lost, Delivery.State.GIVEN_UP, why, now);
    }

    /** {@code disabled}: since when nothing goes there, and why; null as long as something does. */
    @Override
    public Map<String, Map<String, @Nullable Object>> extras(List<Declared<AlertChannel>> things, Caller caller) {
        var extras = new HashMap<String, Map<String, @Nullable Object>>();
        for (var stored : channels.find(things.stream().map(Declared::id).toList())) {
            var extra = new HashMap<String, @Nullable Object>();
            extra.put(
                    "disabled",
                    stored.disabledAt()
                            .map(at -> Map.of(
                                    "at",
                                    Words.instant(at),
                                    "why",
                                    stored.disabledWhy().orElse("")))
                            .orElse(null));
            extras.put(stored.id(), extra);
        }
        return extras;
    }
}
