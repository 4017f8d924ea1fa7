package io.muster.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MusterServerTest {
    @Test
    void optionsAreSettings() {
        assertThat(MusterServer.settings("serve", "--port", "9000", "--data=/srv/m x", "--spring.a.b=c"))
                .containsExactly(
                        "--muster.mode=serve", "--muster.port=9000", "--muster.data=/srv/m x", "--spring.a.b=c");
        assertThat(MusterServer.settings("demo", "--break-after", "10m"))
                .containsExactly("--muster.mode=demo", "--muster.demo.break-after=10m");
    }

    @Test
    void aTypingErrorIsRefused() {
        assertThatThrownBy(() -> MusterServer.settings("serve", "--prot=9000"))
                .hasMessageStartingWith("unknown option --prot");
        assertThatThrownBy(() -> MusterServer.settings("--port")).hasMessage("--port needs a value");
    }
}
