package io.muster.server.incident.channel.email;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.muster.server.access.BaseUrl;
import io.muster.server.incident.channel.Carrier.Destination;
import io.muster.server.incident.channel.Examples;
import io.muster.server.incident.channel.Message;
import io.muster.server.incident.channel.Receipt;
import io.muster.server.incident.channel.Words;
import io.muster.server.testing.FreePort;
import io.muster.server.testing.Golden;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.env.MockEnvironment;

class EmailTest {

    final int port = FreePort.any();
    final GreenMail server = new GreenMail(new ServerSetup(port, "127.0.0.1", "smtp"));

    @AfterEach
    void stop() {
        server.stop();
    }

    @Test
    void each_kind_of_message_is_plain_words_and_simple_html() throws Exception {
        server.start();
        for (var example : Examples.all().entrySet()) {
            server.purgeEmailFromAllMailboxes();
            var receipt = email("").send(to("ops@acme.example"), Examples.parcel(example.getValue()));
            assertThat(receipt).isInstanceOf(Receipt.Accepted.class);
            var mail = only();
            var parts = (MimeMultipart) mail.getContent();
            assertThat(parts.getContentType()).startsWith("multipart/alternative");
            var text = String.valueOf(parts.getBodyPart(0).getContent()).replace("\r\n", "\n");
            var html = String.valueOf(parts.getBodyPart(1).getContent()).replace("\r\n", "\n");
            assertThat(html).doesNotContain("<script>");
            Golden.assertMatches(
                    "alerts/email-" + example.getKey() + ".txt", "Subject: " + mail.getSubject() + "\n\n" + text);
            if (example.getKey().equals("job-down")) Golden.assertMatches("alerts/email-job-down.html", html);
        }
    }

    @Test
    void the_same_message_twice_has_the_same_id() throws Exception {
        server.start();
        var parcel = Examples.parcel(Examples.all().get("job-down"));
        email("").send(to("ops@acme.example"), parcel);
        email("").send(to("ops@acme.example"), parcel);
        assertThat(server.getReceivedMessages())
                .extracting(MimeMessage::getMessageID)
                .containsOnly("<msg_0123456789abcdef0123456789abcdef@muster.example>");
    }

    @Test
    void headers_tell_other_machines_not_to_answer_and_readers_what_belongs_together() throws Exception {
        server.start();
        email("?from=alerts@acme.example")
                .send(to("ops@acme.example"), Examples.parcel(Examples.all().get("hostile")));
        var mail = only();
        assertThat(mail.getHeader("Auto-Submitted")).containsExactly("auto-generated");
        assertThat(mail.getHeader("References")).containsExactly("<store.intake-us@muster.example>");
        assertThat(mail.getHeader("Bcc")).as("no header out of a job's name").isNull();
        assertThat(mail.getFrom()[0]).hasToString("alerts@acme.example");
        assertThat(mail.getAllRecipients()).hasSize(1);
    }

    @Test
    void login_is_used_and_a_wrong_one_is_told_without_the_password() {
        server.setUser("mailer@acme.example", "s3cret:@/");
        server.start();
        assertThat(new Email("smtp://mailer%40acme.example:s3cret%3A%40%2F@127.0.0.1:" + port, base())
                        .send(to("a@b.example"), test()))
                .isInstanceOf(Receipt.Accepted.class);
        var refused = new Email("smtp://mailer%40acme.example:wr0ng@127.0.0.1:" + port, base())
                .send(to("a@b.example"), test());
        assertThat(refused).isInstanceOf(Receipt.Failed.class);
        assertThat(refused.answer()).contains("refuses the login").doesNotContain("wr0ng");
    }

    @Test
    void recipient_that_the_server_refuses_for_good_is_not_tried_again() throws Exception {
        assertThat(conversation(Map.of("RCPT", "550 5.1.1 no such user"))).isInstanceOf(Receipt.Refused.class);
        assertThat(conversation(Map.of("RCPT", "451 4.7.1 greylisted"))).isInstanceOf(Receipt.Failed.class);
        assertThat(conversation(Map.of("MAIL", "552 too large"))).isInstanceOf(Receipt.Refused.class);
        assertThat(conversation(Map.of("MAIL", "421 later"))).isInstanceOf(Receipt.Failed.class);
        assertThat(conversation(Map.of())).isInstanceOf(Receipt.Accepted.class);
    }

    @Test
    void nobody_listening_and_no_server_at_all_are_said_so() {
        assertThat(email("").send(to("a@b.example"), test())).isInstanceOf(Receipt.Failed.class);
        assertThat(new Email("", base()).send(to("a@b.example"), test()).answer())
                .contains("set MUSTER_SMTP_URL");
    }

    /** To another machine no word goes in clear; this one is not reached, for nobody answers on a documentation address. */
    @Test
    void tls_is_demanded_unless_the_server_is_this_machine() throws Exception {
        assertThat(SmtpUrl.of("smtp://localhost").isThisMachine()).isTrue();
        assertThat(SmtpUrl.of("smtp://127.0.0.9").isThisMachine()).isTrue();
        assertThat(SmtpUrl.of("smtp://[::1]").isThisMachine()).isTrue();
        assertThat(SmtpUrl.of("smtp://192.0.2.1").isThisMachine()).isFalse();
        assertThat(Email.settings(SmtpUrl.of("smtp://192.0.2.1"))).containsEntry("mail.smtp.starttls.required", "true");
        server.start();
        assertThat(new Email("smtps://127.0.0.1:" + port, base()).send(to("a@b.example"), test()))
                .as("a server without TLS")
                .isInstanceOf(Receipt.Failed.class);
    }

    @Test
    void certificate_that_nobody_vouches_for_is_refused() {
        var tls = new GreenMail(new ServerSetup(FreePort.any(), "127.0.0.1", "smtps"));
        tls.start();
        try {
            var receipt =
                    new Email("smtps://127.0.0.1:" + tls.getSmtps().getPort(), base()).send(to("a@b.example"), test());
            assertThat(receipt).isInstanceOf(Receipt.Failed.class);
            assertThat(tls.getReceivedMessages()).isEmpty();
        } finally {
            tls.stop();
        }
    }

    @Test
    void address_of_the_mail_server_has_its_parts() {
        var smtp = SmtpUrl.of("smtps://a%40b.example:p+%20%3A@mail.example?from=x@y.example");
        assertThat(smtp.user()).isEqualTo("a@b.example");
        assertThat(smtp.password()).isEqualTo("p+ :");
        assertThat(smtp.port()).isEqualTo(465);
        assertThat(smtp.from()).contains("x@y.example");
        assertThat(smtp).hasToString("smtps://mail.example:465");
        assertThat(SmtpUrl.of("smtp://mail.example").port()).isEqualTo(587);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mail.example:587",
                "http://mail.example",
                "smtp://",
                "smtp://u:s3cret@h:x",
                "smtp://h/path",
                "smtp://h?ssl=false",
                "smtp://u:s3cret @h",
                "smtp://h#f"
            })
    void wrong_address_of_the_mail_server_stops_the_start_and_is_not_shown(String url) {
        assertThatThrownBy(() -> SmtpUrl.of(url))
                .hasMessageContaining("MUSTER_SMTP_URL must be like")
                .hasNoCause()
                .message()
                .doesNotContain("s3cret");
    }

    @Test
    void the_words_stand_without_html_too() {
        var parcel = Examples.parcel(Examples.all().get("violation"));
        var words = Words.of(parcel.message());
        assertThat(Email.text(words, parcel))
                .contains("\nTenants: acme\n")
                .contains("\nOpen in Muster: https://muster.example/exposures/42\n");
    }

    private Receipt conversation(Map<String, String> answers) throws IOException {
        try (var listening = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> {
                try (var socket = listening.accept();
                        var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8))) {
                    var out = socket.getOutputStream();
                    out.write("220 hello\r\n".getBytes(UTF_8));
                    var data = false;
                    for (var line = in.readLine(); line != null; line = in.readLine()) {
                        if (data && !line.equals(".")) continue;
                        var verb = data ? "." : line.split(" ")[0];
                        data = verb.equals("DATA");
                        var answer = answers.getOrDefault(verb, data ? "354 go" : "250 ok");
                        out.write((answer + "\r\n").getBytes(UTF_8));
                    }
                } catch (IOException over) {
                    // the client has left
                }
            });
            return new Email("smtp://127.0.0.1:" + listening.getLocalPort(), base())
                    .send(to("ops@acme.example"), test());
        }
    }

    private Email email(String query) {
        return new Email("smtp://127.0.0.1:" + port + query, base());
    }

    private static BaseUrl base() {
        return new BaseUrl("https://muster.example", new MockEnvironment());
    }

    private static Destination to(String address) {
        return new Destination(address, null);
    }

    private static io.muster.server.incident.channel.Carrier.Parcel test() {
        return Examples.parcel(Message.test(Instant.parse("2026-03-01T03:00:10Z")));
    }

    private MimeMessage only() {
        return List.of(server.getReceivedMessages()).getFirst();
    }
}
