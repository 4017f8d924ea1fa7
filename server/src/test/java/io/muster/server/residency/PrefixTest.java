package io.muster.server.residency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.server.problem.Refused;
import io.muster.server.residency.Prefix.Owner.Nobody;
import io.muster.server.residency.Prefix.Owner.Outside;
import io.muster.server.residency.Prefix.Owner.Tenant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrefixTest {

    @Test
    void segment_of_the_key_names_the_tenant() {
        var prefix = Prefix.of("intake/{tenant}/");
        assertThat(prefix.head()).isEqualTo("intake/");
        assertThat(prefix.owner("intake/acme/2026/a.json")).isEqualTo(new Tenant("acme"));
        assertThat(prefix.owner("intake/acme/")).isEqualTo(new Tenant("acme"));
        assertThat(prefix.owner("intake/a.json")).isEqualTo(new Nobody());
        assertThat(prefix.owner("intake//a.json")).isEqualTo(new Nobody());
    }

    @Test
    void what_follows_the_tenant_counts_too() {
        var prefix = Prefix.of("{tenant}/incoming/");
        assertThat(prefix.head()).isEmpty();
        assertThat(prefix.owner("acme/incoming/a")).isEqualTo(new Tenant("acme"));
        assertThat(prefix.owner("acme/done/a")).isEqualTo(new Outside());
        assertThat(prefix.owner("readme")).isEqualTo(new Outside());
    }

    @Test
    void without_a_tenant_the_key_says_nothing() {
        assertThat(Prefix.of("intake/").owner("intake/acme/a")).isEqualTo(new Nobody());
        assertThat(Prefix.of("").owner("a")).isEqualTo(new Nobody());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "intake/{tenant}",
                "intake-{tenant}/",
                "{tenant}-x/",
                "{tenant}/{tenant}/",
                "{tenants}/",
                "a{b",
                "a\nb/"
            })
    void other_patterns_are_refused(String text) {
        assertThatThrownBy(() -> Prefix.of(text)).isInstanceOf(Refused.class);
    }
}
