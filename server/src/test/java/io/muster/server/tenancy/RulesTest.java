package io.muster.server.tenancy;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.tenancy.Rules.Conditional;
import io.muster.server.tenancy.Rules.Ruling;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

class RulesTest {

    static final Presets PRESETS = new Presets(JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build());

    /** For a region of the jurisdiction: A allowed, C on condition, D denied; in the columns EU, EEA, UK, US, CN, AE. */
    @ParameterizedTest
    @CsvSource({
        "gdpr-eea-only,        A A D D D D",
        "gdpr-adequate,        A A A C C C",
        "uk-gdpr,              A A A C C C",
        "ch-fadp,              A A A C C C",
        "ccpa-us-resident,     C C C A C C",
        "us-doj-bulk-data,     A A A A D A",
        "us-hipaa-contractual, D D D A D D",
        "us-public-sector,     D D D C D D",
        "ca-pipeda,            C C C C C C",
        "ca-qc-law25,          C C C C C C",
        "br-lgpd,              A A C C C C",
        "ru-242fz,             C C C C C C",
        "cn-pipl,              C C C C A C",
        "hk-pdpo,              A A A A A A",
        "in-dpdp,              C C C C C C",
        "in-rbi-payments,      D D D D D D",
        "au-privacy-act,       C C C C C C",
        "nz-privacy-act,       C C C C C C",
        "jp-appi,              A A A C C C",
        "kr-pipa,              A A C C C C",
        "sg-pdpa,              C C C C C C",
        "id-pdp,               C C C C C C",
        "my-pdpa,              C C C C C C",
        "th-pdpa,              C C C C C C",
        "vn-pdpl,              C C C C C C",
        "kz-localisation,      C C C C C C",
        "sa-pdpl,              C C C C C C",
        "ae-pdpl,              C C C C C A",
        "qa-pdppl,             A A A A A A",
        "il-ppl,               A A A C C C",
        "tr-kvkk,              C C C C C C",
        "za-popia,             C C C C C C",
        "ng-ndpa,              C C C C C C",
        "ke-dpa,               C C C C C C",
        "mx-lfpdppp,           A A A A A A",
        "cl-21719,             C C C C C C",
        "ar-pdpa,              A A A C C C",
        "tw-pdpa,              C C C C D C",
        "eu-dora,              C C C C C C",
    })
    void presets_rule_places(String preset, String letters) {
        var rules = PRESETS.rules(preset).orElseThrow();
        var said = new ArrayList<String>();
        for (var jurisdiction : List.of("EU", "EEA", "UK", "US", "CN", "AE")) {
            said.add(letter(rules.ruling("some-region-1", jurisdiction)));
        }
        assertThat(String.join(" ", said)).isEqualTo(letters);
    }

    @Test
    void every_preset_is_in_the_table_above() throws Exception {
        var table = RulesTest.class
                .getDeclaredMethod("presets_rule_places", String.class, String.class)
                .getAnnotation(CsvSource.class)
                .value();
        assertThat(PRESETS.all()).hasSize(table.length);
    }

    @Test
    void clock_of_72_hours_is_of_presets_for_the_eu_and_the_uk_alone() {
        assertThat(PRESETS.all().stream()
                        .filter(preset -> preset.notifyWithin() != null)
                        .map(Presets.Preset::id))
                .containsExactly("gdpr-eea-only", "gdpr-adequate", "uk-gdpr", "eu-dora");
    }

    @Test
    void mechanisms_are_those_of_the_most_specific_entry() {
        var rules = PRESETS.rules("gdpr-adequate").orElseThrow();
        assertThat(rules.ruling("us-east-1", "US"))
                .isEqualTo(new Ruling.OnCondition(List.of("bcr", "dpf", "scc-2021-914")));
        assertThat(rules.ruling("cn-north-1", "CN"))
                .isEqualTo(new Ruling.OnCondition(List.of("art49-derogation", "bcr", "scc-2021-914")));
    }

    @Test
    void region_beats_jurisdiction_beats_all_and_deny_goes_first_at_one_level() {
        var rules = rules("allow", List.of("region:us-east-1", "EU"), List.of("US", "EU", "*"), List.of());
        assertThat(letter(rules.ruling("us-east-1", "US"))).isEqualTo("A");
        assertThat(letter(rules.ruling("us-west-2", "US"))).isEqualTo("D");
        assertThat(letter(rules.ruling("eu-west-1", "EU"))).isEqualTo("D");
        assertThat(letter(rules.ruling("sa-east-1", "BR"))).isEqualTo("D");
    }

    @Test
    void groups_stand_for_their_members() {
        var policy = new Policy(
                "P",
                null,
                List.of("EEA_ALL"),
                null,
                List.of("US_DOJ_COUNTRIES_OF_CONCERN"),
                "deny",
                null,
                null,
                Span.of("PT0S"),
                null);
        var rules = policy.resolve("p", null, PRESETS.jurisdictions());
        assertThat(rules.allow()).containsExactly("EU", "EEA");
        assertThat(rules.deny()).contains("CN", "HK");
    }

    @ParameterizedTest(name = "seed {0}")
    @CsvSource({"1", "2", "3", "4", "5"})
    void ruling_equals_the_slow_truth(long seed) {
        var random = new Random(seed);
        for (int i = 0; i < 4_000; i++) {
            var rules = random(random);
            for (var region : List.of("a-1", "b-1", "c-1")) {
                for (var jurisdiction : List.of("EU", "US", "")) {
                    assertThat(rules.ruling(region, jurisdiction))
                            .as("%s in %s by %s", region, jurisdiction, rules)
                            .isEqualTo(slow(rules, region, jurisdiction));
                }
            }
        }
    }

    /** Every entry that matches is ranked by level, then by kind; the best one rules. */
    static Ruling slow(Rules rules, String region, String jurisdiction) {
        int best = rules.defaultVerdict().equals("allow")
                ? 0
                : rules.defaultVerdict().equals("conditional") ? 1 : 2;
        boolean listed = false;
        var candidates = new ArrayList<int[]>();
        rules.allow().forEach(entry -> candidates.add(new int[] {level(entry, region, jurisdiction), 0}));
        rules.deny().forEach(entry -> candidates.add(new int[] {level(entry, region, jurisdiction), 2}));
        rules.conditional()
                .forEach(one ->
                        one.to().forEach(entry -> candidates.add(new int[] {level(entry, region, jurisdiction), 1})));
        int top = 0;
        for (var candidate : candidates) {
            if (candidate[0] == 0) continue;
            if (candidate[0] > top || candidate[0] == top && candidate[1] > best) {
                top = candidate[0];
                best = candidate[1];
                listed = true;
            }
        }
        if (best != 1) return best == 0 ? new Ruling.Allowed() : new Ruling.Denied();
        var mechanisms = new TreeSet<String>();
        var any = !listed;
        for (var one : rules.conditional()) {
            for (var entry : one.to()) {
                if (level(entry, region, jurisdiction) == top && top > 0) {
                    mechanisms.addAll(one.mechanisms());
                    any |= one.mechanisms().isEmpty();
                }
            }
        }
        return new Ruling.OnCondition(any ? List.of() : List.copyOf(mechanisms));
    }

    private static int level(String entry, String region, String jurisdiction) {
        if (entry.equals("region:" + region)) return 3;
        if (entry.equals(jurisdiction)) return 2;
        return entry.equals("*") ? 1 : 0;
    }

    static Rules random(Random random) {
        var conditional = new ArrayList<Conditional>();
        for (int i = random.nextInt(3); i > 0; i--) {
            var to = places(random);
            if (!to.isEmpty()) {
                conditional.add(new Conditional(
                        to, random.nextInt(4) == 0 ? List.of() : List.of("m" + random.nextInt(3)), null));
            }
        }
        return rules(
                List.of("allow", "conditional", "deny").get(random.nextInt(3)),
                places(random),
                places(random),
                conditional);
    }

    private static List<String> places(Random random) {
        var places = new ArrayList<String>();
        for (var place : List.of("EU", "US", "*", "region:a-1", "region:b-1")) {
            if (random.nextInt(4) == 0) places.add(place);
        }
        return places;
    }

    static Rules rules(String verdict, List<String> allow, List<String> deny, List<Conditional> conditional) {
        return new Rules("p", Duration.ZERO, null, allow, conditional, deny, verdict, List.of(), List.of());
    }

    private static String letter(Ruling ruling) {
        return switch (ruling) {
            case Ruling.Allowed _ -> "A";
            case Ruling.OnCondition _ -> "C";
            case Ruling.Denied _ -> "D";
        };
    }
}
