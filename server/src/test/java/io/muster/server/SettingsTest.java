package io.muster.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.embedded.DataFolder;
import io.muster.server.embedded.ReadFirst;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Configuration;

/** A wrong setting is told in one line: its name, what is allowed, what it was. */
class SettingsTest {

    @Configuration
    @EnableConfigurationProperties(ServerProperties.class)
    @ConfigurationPropertiesScan
    @ComponentScan(
            useDefaultFilters = false,
            includeFilters = @ComponentScan.Filter(ReadFirst.class),
            excludeFilters = @ComponentScan.Filter(ConfigurationProperties.class))
    static class SettingsAlone {}

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            port                | abc         | MUSTER_PORT must be a whole number; got abc
            port                | -1          | MUSTER_PORT must be 0 to 65535; got -1
            host                | no host     | MUSTER_HOST must be an address of this machine, such as 127.0.0.1; got no host
            base-url            | nonsense    | MUSTER_BASE_URL must be like https://muster.example.com, without a path; got nonsense
            ping.url            | ftp://x     | MUSTER_PING_URL must be like https://muster.example.com, without a path; got ftp://x
            ping.retention      | abc         | MUSTER_PING_RETENTION must be a time such as 90s, 12h or P400D; got abc
            ping.retention      | -P3D        | MUSTER_PING_RETENTION must be P1D to P36500D; got PT-72H
            ping.soft-errors    | perhaps     | MUSTER_PING_SOFT_ERRORS must be true or false; got perhaps
            ping.per-minute     | many        | MUSTER_PING_PER_MINUTE must be a whole number; got many
            ping.per-minute     | -1          | MUSTER_PING_PER_MINUTE must be 0 to 600; got -1
            ping.body-limit     | 1 MB        | MUSTER_PING_BODY_LIMIT must be a number of bytes below 10000000, or none; got 1 MB
            ping.patience       | 0s          | MUSTER_PING_PATIENCE must be at most 2s; got PT0S
            check-limit         | few         | MUSTER_CHECK_LIMIT must be a whole number; got few
            check-limit         | 0           | MUSTER_CHECK_LIMIT must be at least 1; got 0
            outbound-allow      | everything  | MUSTER_OUTBOUND_ALLOW must list networks such as 10.1.0.0/16 or fd00::/8, with commas between; got everything
            trusted-proxies     | 10.0.0.0/99 | MUSTER_TRUSTED_PROXIES must be addresses or networks such as 10.0.0.0/8; got 10.0.0.0/99
            drivers-from        | maven       | MUSTER_DRIVERS_FROM must be the address of a Maven repository, such as https://repo.maven.apache.org/maven2, or empty; got maven
            smtp-url            | smtp://u:%zz@h | MUSTER_SMTP_URL must be like smtp://user:password@mail.example.com:587 or smtps://...:465, with ?from=alerts@example.com if need be
            """)
    void a_wrong_setting_is_named_with_what_is_allowed_and_what_it_was(String setting, String value, String told) {
        settings("muster." + setting + "=" + value)
                .run(context -> assertThat(StartFailure.oneLine(context.getStartupFailure()))
                        .isEqualTo(told));
    }

    @Test
    void what_ships_is_right_and_takes_no_database_to_be_read() {
        settings()
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .getBeans(Listening.class)
                        .hasSize(1));
    }

    private ApplicationContextRunner settings(String... values) {
        return new ApplicationContextRunner()
                .withPropertyValues("muster.host=127.0.0.1", "muster.port=8080")
                .withPropertyValues("server.address=${muster.host}", "server.port=${muster.port}")
                .withPropertyValues(values)
                .withBean(DataFolder.class, () -> DataFolder.open(folder))
                .withUserConfiguration(SettingsAlone.class);
    }
}
