package io.muster.server.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Rfc3339Test {

    private static final DateTimeFormatter JDK =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    @Test
    void any_instant_is_written_as_the_jdk_writes_it_and_read_again() {
        var random = new Random(1);
        for (int i = 0; i < 100_000; i++) {
            var instant = Instant.ofEpochSecond(
                    random.nextLong(-62_000_000_000L, 253_402_300_799L), random.nextInt(1_000_000_000));
            var text = Rfc3339.text(instant);
            assertThat(text).isEqualTo(JDK.format(instant));
            assertThat(Rfc3339.parse(text)).isEqualTo(Instant.ofEpochMilli(instant.toEpochMilli()));
        }
        for (var edge : new Instant[] {
            Instant.EPOCH,
            Instant.parse("0000-01-01T00:00:00Z"),
            Instant.parse("9999-12-31T23:59:59.999999999Z"),
            Instant.parse("+10000-01-01T00:00:00Z"),
            Instant.parse("-0001-12-31T23:59:59.5Z")
        }) {
            assertThat(Rfc3339.text(edge)).isEqualTo(JDK.format(edge));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "2026-03-01T03:00:00Z, 2026-03-01T03:00:00Z",
        "2026-03-01t03:00:00.1z, 2026-03-01T03:00:00.100Z",
        "2026-03-01T03:00:00.123456789+01:00, 2026-03-01T02:00:00.123Z",
        "2024-02-29T00:00:00.000Z, 2024-02-29T00:00:00Z",
    })
    void other_forms_are_read_too(String text, String is) {
        assertThat(Rfc3339.parse(text)).isEqualTo(Instant.parse(is));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "yesterday",
                "2026-03-01",
                "2026-03-01T03:00Z",
                "2026-13-01T03:00:00.000Z",
                "2026-02-29T03:00:00.000Z",
                "2026-03-01T24:00:00.000Z",
                "2026-03-01T03:00:60.000Z",
                "2026-03-01 03:00:00.000Z",
                "2026-03-01T03:00:00.00xZ",
                "2026-03-01T03:00:00,000Z",
                "+026-03-01T03:00:00.000Z",
                "2026-03-01T03:00:00.000z ",
                "2026-03-01T03:00:00.٣00Z"
            })
    void what_is_none_is_refused(String text) {
        assertThatExceptionOfType(DateTimeException.class).isThrownBy(() -> Rfc3339.parse(text));
    }
}
