package io.muster.server.incident.channel.email;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.access.BaseUrl;
import io.muster.server.incident.channel.Carrier.Destination;
import io.muster.server.incident.channel.Examples;
import io.muster.server.incident.channel.Message;
import io.muster.server.incident.channel.Receipt;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.mock.env.MockEnvironment;

/**
 * Mail to another machine, with real TLS. Linux takes 0.0.0.0 to this machine, but it is no loopback address: to Muster
 * it is another one.
 */
class EmailTlsTest {
    private static final String HOST = "0.0.0.0";
    private static final String LOGIN =
            Base64.getEncoder().encodeToString("\0mailer\0s3cret".getBytes(UTF_8)); // as AUTH PLAIN sends it

    private static SSLContext before;
    private static SSLContext good;
    private static SSLContext unknown;
    private static SSLContext ofAnother;

    @BeforeAll
    static void certificates(@TempDir Path folder) throws Exception {
        before = SSLContext.getDefault();
        good = TlsMailServer.certified(folder, HOST);
        ofAnother = TlsMailServer.certified(folder, "192.0.2.1");
        unknown = before;
    }

    @AfterAll
    static void trustAsBefore() {
        SSLContext.setDefault(before);
    }

    @Test
    void over_starttls_neither_login_nor_mail_goes_in_clear() throws Exception {
        SSLContext.setDefault(good);
        try (var server = TlsMailServer.startTls(good)) {
            var receipt = send("smtp", server);
            assertThat(receipt).as(receipt.answer()).isInstanceOf(Receipt.Accepted.class);
            assertThat(server.inClear).hasSize(2);
            assertThat(server.inClear.getFirst()).startsWith("EHLO ");
            assertThat(server.inClear.getLast()).isEqualTo("STARTTLS");
            assertThat(server.inTls)
                    .anyMatch(line -> line.contains(LOGIN))
                    .contains("RCPT TO:<ops@acme.example>")
                    .anyMatch(line -> line.startsWith("Subject: [Muster] "));
        }
    }

    @Test
    void smtps_begins_with_tls() throws Exception {
        SSLContext.setDefault(good);
        try (var server = TlsMailServer.smtps(good)) {
            var receipt = send("smtps", server);
            assertThat(receipt).as(receipt.answer()).isInstanceOf(Receipt.Accepted.class);
            assertThat(server.inClear).isEmpty();
            assertThat(server.inTls).contains("RCPT TO:<ops@acme.example>");
        }
    }

    @Test
    void a_server_that_offers_no_tls_hears_no_login_and_gets_no_mail() throws Exception {
        SSLContext.setDefault(good);
        try (var server = TlsMailServer.withoutTls(good)) {
            var receipt = send("smtp", server);
            assertThat(receipt).isInstanceOf(Receipt.Failed.class);
            assertThat(receipt.answer()).containsIgnoringCase("STARTTLS");
            assertThat(server.inClear).noneMatch(line -> line.contains(LOGIN) || line.startsWith("MAIL"));
        }
    }

    @Test
    void a_certificate_that_nobody_vouches_for_or_of_another_host_ends_it_before_the_login() throws Exception {
        SSLContext.setDefault(unknown);
        try (var server = TlsMailServer.startTls(good)) {
            assertThat(send("smtp", server)).isInstanceOf(Receipt.Failed.class);
            assertThat(server.inTls).isEmpty();
        }
        SSLContext.setDefault(ofAnother);
        for (var scheme : new String[] {"smtp", "smtps"}) {
            try (var server =
                    scheme.equals("smtp") ? TlsMailServer.startTls(ofAnother) : TlsMailServer.smtps(ofAnother)) {
                var receipt = send(scheme, server);
                assertThat(receipt).as(scheme).isInstanceOf(Receipt.Failed.class);
                assertThat(server.inTls).as(scheme).noneMatch(line -> line.contains(LOGIN) || line.startsWith("MAIL"));
            }
        }
    }

    private static Receipt send(String scheme, TlsMailServer server) {
        return new Email(
                        scheme + "://mailer:s3cret@" + HOST + ":" + server.port(),
                        new BaseUrl("https://muster.example", new MockEnvironment()))
                .send(
                        new Destination("ops@acme.example", null),
                        Examples.parcel(Message.test(Instant.parse("2026-03-01T03:00:10Z"))));
    }
}
