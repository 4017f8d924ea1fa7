package io.muster.server.layout;

import static org.assertj.core.api.Assertions.assertThat;

import gg.jte.output.StringOutput;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FiguresTest {
    private static final Instant NOW = Instant.parse("2026-03-18T14:32:07Z");

    @ParameterizedTest
    @CsvSource({
        "0, 0 s",
        "37, 37 s",
        "60, 1 min",
        "700, 11 min 40 s",
        "900, 15 min",
        "915, 15 min",
        "3060, 51 min",
        "3600, 1 h",
        "4260, 1 h 11 min",
        "97200, 1 d 3 h",
        "255600, 2 d 23 h",
        "262800, 3 d",
        "1209600, 14 d",
        "-700, 11 min 40 s"
    })
    void a_duration_is_told_in_its_two_greatest_units(long seconds, String words) {
        assertThat(Figures.duration(Duration.ofSeconds(seconds))).isEqualTo(words);
    }

    @ParameterizedTest
    @CsvSource({
        "PT20M, 20 min",
        "PT75M, 75 min",
        "PT36H, 36 h",
        "PT72H, 72 h",
        "P90D, 90 d",
        "PT0S, 0 s",
        "PT90S, 1 min 30 s"
    })
    void a_promise_keeps_the_unit_it_was_made_in(Duration promise, String words) {
        assertThat(Figures.promise(promise)).isEqualTo(words);
    }

    @Test
    void numbers_have_commas_and_their_noun_its_plural() {
        assertThat(Figures.count(1_204)).isEqualTo("1,204");
        assertThat(Figures.count(1, "tenant")).isEqualTo("1 tenant");
        assertThat(Figures.count(1_251, "tenant")).isEqualTo("1,251 tenants");
        assertThat(Figures.count(2, "policy")).isEqualTo("2 policies");
        assertThat(Figures.count(2, "key")).isEqualTo("2 keys");
    }

    @Test
    void what_is_not_all_is_never_rounded_to_100_percent() {
        assertThat(Figures.percent(1_251, 1_251)).isEqualTo("100 %");
        assertThat(Figures.percent(1_248, 1_251)).isEqualTo("99.76 %");
        assertThat(Figures.percent(999_999, 1_000_000)).isEqualTo("99.99 %");
    }

    @Test
    void a_moment_carries_its_absolute_time_and_counts_live_only_if_near() {
        assertThat(html(new Moment(NOW.minusSeconds(37), NOW, Moment.Form.REL)))
                .isEqualTo("<time datetime=\"2026-03-18T14:31:30Z\" title=\"2026-03-18 14:31:30 UTC\" data-t=\"rel\""
                        + " data-live>37 s ago</time>");
        assertThat(html(new Moment(NOW.plusSeconds(255_600), NOW, Moment.Form.REL)))
                .isEqualTo("<time datetime=\"2026-03-21T13:32:07Z\" title=\"2026-03-21 13:32:07 UTC\" data-t=\"rel\">"
                        + "in 2 d 23 h</time>");
        assertThat(html(new Moment(NOW.minusSeconds(86_400), NOW, Moment.Form.CLOCK)))
                .isEqualTo("<time datetime=\"2026-03-17T14:32:07Z\" title=\"2026-03-17 14:32:07 UTC\">"
                        + "03-17 14:32</time>");
    }

    private static String html(Moment moment) {
        var output = new StringOutput();
        moment.writeTo(output);
        return output.toString();
    }
}
