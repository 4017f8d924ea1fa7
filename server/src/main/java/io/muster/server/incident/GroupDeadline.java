package io.muster.server.incident;

import io.muster.server.deadline.DeadlineKind;
import io.muster.server.incident.AlertRepository.Bundle;
import io.muster.server.incident.AlertRepository.Group;
import io.muster.server.incident.AlertRepository.Standing;
import io.muster.server.incident.Grouping.Next;
import io.muster.server.incident.Grouping.Seen;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/** When a channel is next told about a topic, or reminded of it. */
@Component
@Order(11)
class GroupDeadline implements DeadlineKind {

    static final String NAME = "alert-group";

    private final AlertRepository alerts;
    private final DeliveryRepository deliveries;

    GroupDeadline(AlertRepository alerts, DeliveryRepository deliveries) {
        this.alerts = alerts;
        this.deliveries = deliveries;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Map<String, Instant> wake(List<String> keys, Instant now) {
        var groups = keys.stream().map(Group::of).toList();
        var topics = groups.stream().map(Group::topic).distinct().toList();
        alerts.lock(topics);
        var news = byGroup(alerts.news(groups));
        var open = byGroup(alerts.open(groups));
        var again = new HashMap<String, Instant>();
        var know = new ArrayList<Standing>();
        var forget = new ArrayList<Group>();
        var tell = new ArrayList<Telling>();
        for (var standing : alerts.standing(groups)) {
            var group = standing.group();
            var telling =
                    new Telling(standing, news.getOrDefault(group, List.of()), open.getOrDefault(group, List.of()));
            switch (Grouping.next(seen(telling), now)) {
                case Next.Wait(var until) -> {
                    again.put(group.key(), until);
                    if (telling.news().isEmpty()) know.add(standing);
                }
                case Next.Forget _ -> forget.add(group);
                case Next.Tell _, Next.Remind _ -> {
                    know.add(standing);
                    tell.add(telling);
                    again.put(group.key(), now.plus(telling.reminds() ? Grouping.REMINDER : Grouping.CHANGES));
                }
            }
        }
        send(tell, now);
        alerts.told(
                know, tell.stream().map(telling -> telling.standing().group()).toList(), now);
        alerts.forget(forget);
        alerts.tidy(topics);
        return again;
    }

    private void send(List<Telling> tell, Instant now) {
        if (tell.isEmpty()) return;
        var leads = alerts.leads(
                tell.stream().map(telling -> Messages.lead(telling).lead()).toList());
        var sent = new ArrayList<Delivery.Draft>();
        for (var telling : tell) {
            var lead = leads.get(Messages.lead(telling).lead());
            if (lead == null) throw new IllegalStateException("no words for " + telling);
            var tenants = Messages.tenants(telling);
            sent.add(new Delivery.Draft(
                    telling.standing().group().channel(),
                    telling.standing().kind(),
                    telling.standing().group().topic(),
                    Messages.of(telling, lead, now),
                    tenants));
        }
        deliveries.queue(sent, now);
    }

    /** What a channel may be told now. */
    record Telling(Standing standing, List<Bundle> news, List<Bundle> open) {

        /** Whether something is open of which this channel is to be reminded. */
        boolean reminds() {
            var sends = standing.sends();
            return sends.contains("reminder")
                    && open.stream()
                            .anyMatch(bundle -> !bundle.type().equals(Alert.Type.EXPOSURE_AT_RISK.event())
                                    || sends.contains("at_risk"));
        }
    }

    private static Seen seen(Telling telling) {
        var standing = telling.standing();
        var firstNews = standing.firstNews().or(() -> Optional.of(standing.begun()));
        return new Seen(
                telling.news().isEmpty() ? Optional.empty() : firstNews,
                standing.lastSent(),
                standing.begun(),
                telling.reminds(),
                telling.open().isEmpty(),
                standing.group().topic().startsWith(Alerts.storeTopic("")));
    }

    private static Map<Group, List<Bundle>> byGroup(List<Bundle> bundles) {
        var byGroup = new HashMap<Group, List<Bundle>>();
        bundles.forEach(bundle ->
                byGroup.computeIfAbsent(bundle.group(), _ -> new ArrayList<>()).add(bundle));
        return byGroup;
    }
}
