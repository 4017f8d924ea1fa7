package io.muster.server.console;

import static io.muster.server.layout.Figures.count;

import io.muster.server.console.OverviewView.Item;
import io.muster.server.console.OverviewView.Place;
import io.muster.server.heartbeat.Check;
import io.muster.server.heartbeat.CheckStatus;
import io.muster.server.heartbeat.CheckWords;
import io.muster.server.layout.Word;
import io.muster.server.residency.ExposureBoard.Exposed;
import io.muster.server.tenancy.Tenant;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What needs somebody, the worst first: never what is fine. */
final class Attention {

    private static final int ALONE = 3;

    private record Ranked(int tier, Duration left, Item item) {}

    /** Worst first: by state, then tier, then how long it has lasted or how soon it comes. */
    static List<Item> of(
            List<Exposed> worst,
            Map<String, Tenant> tenants,
            Map<Long, Check> jobs,
            List<Check> troubled,
            List<Place> places,
            Instant now) {
        var ranked = new ArrayList<Ranked>();
        var explained = new HashSet<Long>();
        var groups = worst.stream()
                .collect(Collectors.groupingBy(
                        each -> each.state() + " " + each.store() + " " + each.check(),
                        LinkedHashMap::new,
                        Collectors.toList()));
        for (var group : groups.values()) {
            var check = jobs.get(group.getFirst().check());
            if (check != null) explained.add(check.id());
            if (group.size() <= ALONE) {
                group.forEach(each -> ranked.add(one(each, tenants, check, now)));
            } else {
                ranked.add(many(group, tenants, check, now));
            }
        }
        for (var check : troubled) {
            if (explained.contains(check.id())) continue;
            var status = check.at(now);
            if (status != CheckStatus.DOWN && status != CheckStatus.GRACE) continue;
            var down = status == CheckStatus.DOWN;
            var at = down ? check.statusSince() : check.downAt().orElse(null);
            ranked.add(new Ranked(
                    Tenant.LAST_RANK,
                    at == null ? Duration.ZERO : Duration.between(now, at),
                    new Item(
                            CheckWords.word(status),
                            null,
                            check.title() + (down ? " is down" : " is late"),
                            "/checks/" + check.jobId(),
                            down
                                    ? check.lastReportFailed()
                                            ? "its last report was a failure"
                                            : "no report came when it was due"
                                    : "a report is overdue; its grace runs",
                            at,
                            down ? "down" : "to Down")));
        }
        for (var place : places) {
            if (place.silent()) {
                ranked.add(new Ranked(
                        Tenant.LAST_RANK,
                        Duration.ZERO,
                        new Item(
                                place.word(),
                                null,
                                place.city() + ": we cannot tell",
                                "/catalogue?kind=stores",
                                place.note() + "; what it said counts no more",
                                null,
                                "")));
            }
        }
        return ranked.stream()
                .sorted(Comparator.comparing((Ranked each) -> each.item.word().state())
                        .thenComparing(Ranked::tier)
                        .thenComparing(Ranked::left))
                .map(Ranked::item)
                .toList();
    }

    private static Ranked one(Exposed exposed, Map<String, Tenant> tenants, @Nullable Check check, Instant now) {
        var tenant = tenants.get(exposed.tenant());
        var tier = tenant == null ? null : tenant.tier();
        var rows = exposed.rows() == null ? "data" : count(exposed.rows(), "row");
        var why = check == null ? "seen by a probe" : check.title() + " " + what(check, now);
        return new Ranked(
                Tenant.rank(tier),
                Duration.between(now, exposed.since()),
                new Item(
                        exposed.isViolation() ? Word.bad("Violation") : Word.warn("At risk"),
                        tier,
                        tenant == null ? exposed.tenant() : tenant.name(),
                        "/exposures/" + exposed.id(),
                        rows + " in " + exposed.region() + ", " + why,
                        exposed.since(),
                        exposed.isViolation() ? "exposed" : "at risk"));
    }

    private static Ranked many(List<Exposed> group, Map<String, Tenant> tenants, @Nullable Check check, Instant now) {
        var first = group.getFirst();
        var tier = group.stream()
                .map(each -> tenants.get(each.tenant()))
                .filter(Objects::nonNull)
                .map(Tenant::tier)
                .min(Comparator.comparingInt(Tenant::rank))
                .orElse(null);
        var since = group.stream()
                .map(Exposed::since)
                .min(Comparator.naturalOrder())
                .orElse(first.since());
        var rows = group.stream()
                .map(Exposed::rows)
                .filter(Objects::nonNull)
                .mapToLong(Long::longValue)
                .sum();
        var names = group.stream()
                .limit(2)
                .map(each -> Optional.ofNullable(tenants.get(each.tenant()))
                        .map(Tenant::name)
                        .orElse(each.tenant()))
                .collect(Collectors.joining(", "));
        return new Ranked(
                Tenant.rank(tier),
                Duration.between(now, since),
                new Item(
                        first.isViolation() ? Word.bad("Violation") : Word.warn("At risk"),
                        tier,
                        count(group.size(), "tenant")
                                + (first.isViolation() ? " exposed in " : " at risk in ")
                                + first.region(),
                        check == null ? "/exposures?region=" + first.region() : "/exposures?job=" + check.jobId(),
                        (check == null ? "seen by a probe" : check.title() + " " + what(check, now)) + ". " + names
                                + " and " + count(group.size() - 2) + " more"
                                + (rows > 0 ? ", " + count(rows, "row") : ""),
                        since,
                        first.isViolation() ? "exposed" : "at risk"));
    }

    private static String what(Check check, Instant now) {
        return switch (check.at(now)) {
            case DOWN -> check.lastReportFailed() ? "failed" : "does not report";
            case GRACE -> "is late";
            case NEW -> "has never reported";
            case PAUSED -> "is paused";
            case UP -> "reports, yet the data stays";
        };
    }

    private Attention() {}
}
