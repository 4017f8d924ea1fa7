package io.muster.server.tenancy;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.tenancy.Place.Lawful;
import io.muster.server.tenancy.Place.Unlawful;
import io.muster.server.tenancy.PlaceHistory.Assignment;
import io.muster.server.tenancy.PlaceHistory.Since;
import io.muster.server.tenancy.PlaceHistory.Transfer;
import io.muster.server.tenancy.PlaceHistory.Until;
import io.muster.server.tenancy.Rules.Ruling;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlaceHistoryTest {

    private static final int END = 40;

    @Test
    void place_is_unlawful_since_the_policy_said_so() {
        var history = history(List.of(
                new Since<>(at(0), RulesTest.rules("allow", List.of(), List.of(), List.of())),
                new Since<>(at(10), RulesTest.rules("deny", List.of(), List.of(), List.of()))));
        assertThat(history.at(at(20))).isEqualTo(new Unlawful(at(10), false));
    }

    @Test
    void place_that_never_was_lawful_is_unlawful_since_ever() {
        var history = history(List.of(new Since<>(at(0), RulesTest.rules("deny", List.of(), List.of(), List.of()))));
        assertThat(history.at(at(20))).isEqualTo(new Unlawful(Instant.MIN, false));
    }

    @Test
    void what_was_written_last_stands_though_the_clock_went_back() {
        var history = history(List.of(
                new Since<>(at(0), RulesTest.rules("allow", List.of(), List.of(), List.of())),
                new Since<>(at(10), RulesTest.rules("deny", List.of(), List.of(), List.of()))));
        assertThat(history.at(at(5))).isEqualTo(new Unlawful(at(10), false));
    }

    private static PlaceHistory history(List<Since<Rules>> versions) {
        return new PlaceHistory(
                "a-1",
                at(1),
                List.of(new Until<>(Instant.MAX, new Assignment("p", "b-1"))),
                Map.of("p", versions),
                Map.of(),
                List.of(),
                RulesTest.PRESETS.jurisdictions());
    }

    /** The state of the world at one instant, as a list of changes makes it. */
    private static final class World {
        final Map<String, Rules> rules = new HashMap<>();
        final Map<String, String> jurisdictions = new HashMap<>(Map.of("a-1", "US", "b-1", "EU", "c-1", "EU"));
        Assignment assigned = new Assignment("p0", "b-1");

        boolean lawful(int now, List<Transfer> transfers) {
            var to = jurisdictions.get("a-1");
            return switch (RulesTest.slow(rules.get(assigned.policy()), "a-1", to)) {
                case Ruling.Allowed _ -> true;
                case Ruling.Denied _ -> false;
                case Ruling.OnCondition(var mechanisms) -> {
                    for (var transfer : transfers) {
                        if (at(now).isBefore(transfer.validFrom()) || !at(now).isBefore(transfer.validUntil()))
                            continue;
                        if (!transfer.from().equals(jurisdictions.get(assigned.home()))) continue;
                        if (!transfer.to().equals(to)) continue;
                        if (mechanisms.isEmpty() || mechanisms.contains(transfer.mechanism())) yield true;
                    }
                    yield false;
                }
            };
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void verdict_and_its_beginning_equal_a_walk_second_by_second(long seed) {
        var random = new Random(seed);
        int lawful = 0;
        int turned = 0;
        for (int i = 0; i < 1_500; i++) {
            var since = oneHistory(random);
            if (since == null) lawful++;
            else if (!since.equals(Instant.MIN)) turned++;
        }
        assertThat(lawful).isGreaterThan(100);
        assertThat(turned).isGreaterThan(100);
    }

    /** Plays a random history, compares, and says since when the place is unlawful; null if it is lawful. */
    private static @org.jspecify.annotations.Nullable Instant oneHistory(Random random) {
        var world = new World();
        var versions = new HashMap<String, List<Since<Rules>>>();
        for (var policy : List.of("p0", "p1")) {
            world.rules.put(policy, RulesTest.random(random));
            versions.put(policy, new ArrayList<>(List.of(new Since<>(at(0), world.rules.get(policy)))));
        }
        var transfers = new ArrayList<Transfer>();
        for (int i = random.nextInt(4); i > 0; i--) {
            int from = 1 + random.nextInt(END);
            transfers.add(new Transfer(
                    pick(random, "EU", "US"),
                    pick(random, "EU", "US"),
                    "m" + random.nextInt(3),
                    at(from),
                    at(from + 1 + random.nextInt(20))));
        }
        int tenantSince = 1 + random.nextInt(5);
        int now = END;
        var assigned = new ArrayList<Until<Assignment>>();
        var jurisdictions = new HashMap<String, List<Until<String>>>();
        var truth = new boolean[now + 1];
        for (int t = 0; t <= now; t++) {
            if (random.nextInt(6) == 0) {
                switch (random.nextInt(3)) {
                    case 0 -> {
                        var policy = pick(random, "p0", "p1");
                        world.rules.put(policy, RulesTest.random(random));
                        versions.get(policy).add(new Since<>(at(t), world.rules.get(policy)));
                    }
                    case 1 -> {
                        if (t > tenantSince) {
                            assigned.add(new Until<>(at(t), world.assigned));
                            world.assigned = new Assignment(pick(random, "p0", "p1"), pick(random, "b-1", "c-1"));
                        }
                    }
                    default -> {
                        var region = pick(random, "a-1", "b-1");
                        jurisdictions
                                .computeIfAbsent(region, _ -> new ArrayList<>())
                                .add(new Until<>(at(t), world.jurisdictions.get(region)));
                        world.jurisdictions.put(region, pick(random, "EU", "US"));
                    }
                }
            }
            truth[t] = world.lawful(t, transfers);
        }
        assigned.add(new Until<>(Instant.MAX, world.assigned));
        world.jurisdictions.forEach((region, jurisdiction) -> jurisdictions
                .computeIfAbsent(region, _ -> new ArrayList<>())
                .add(new Until<>(Instant.MAX, jurisdiction)));
        transfers.removeIf(transfer -> transfer.validFrom().isAfter(at(END)));

        var place = new PlaceHistory(
                        "a-1",
                        at(tenantSince),
                        assigned,
                        versions,
                        jurisdictions,
                        transfers,
                        RulesTest.PRESETS.jurisdictions())
                .at(at(now));
        if (truth[now]) {
            assertThat(place).isEqualTo(new Lawful());
            return null;
        }
        var since = Instant.MIN;
        for (int t = now; t > tenantSince; t--) {
            if (truth[t - 1]) {
                since = at(t);
                break;
            }
        }
        assertThat(((Unlawful) place).since()).isEqualTo(since);
        return since;
    }

    private static String pick(Random random, String one, String other) {
        return random.nextBoolean() ? one : other;
    }

    private static Instant at(long second) {
        return Instant.ofEpochSecond(second);
    }
}
