package io.muster.server.incident.channel.email;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.muster.server.access.BaseUrl;
import io.muster.server.embedded.ReadFirst;
import io.muster.server.incident.channel.Carrier;
import io.muster.server.incident.channel.Message;
import io.muster.server.incident.channel.Receipt;
import io.muster.server.incident.channel.Words;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.net.URI;
import java.time.Duration;
import java.util.Date;
import java.util.Optional;
import java.util.Properties;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPTransport;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;
import org.springframework.web.util.HtmlUtils;

/** E-mail by the operator's own SMTP server, in plain words and in simple HTML. */
@ReadFirst
@Component
class Email implements Carrier {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Optional<SmtpUrl> server;
    private final BaseUrl base;

    Email(@Value("${muster.smtp-url:}") String url, BaseUrl base) {
        this.server = url.isBlank() ? Optional.empty() : Optional.of(SmtpUrl.of(url));
        this.base = base;
    }

    @Override
    public String kind() {
        return "email";
    }

    @Override
    public Receipt send(Destination to, Parcel parcel) {
        if (server.isEmpty()) return new Receipt.Failed("no mail server: set MUSTER_SMTP_URL and start Muster again");
        var smtp = server.get();
        var session = Session.getInstance(settings(smtp));
        try (var transport = (SMTPTransport) session.getTransport(smtp.tls() ? "smtps" : "smtp")) {
            transport.connect(smtp.host(), smtp.port(), smtp.user(), smtp.password());
            var mail = mail(session, smtp, to.address(), parcel);
            transport.sendMessage(mail, mail.getAllRecipients());
            return new Receipt.Accepted(String.valueOf(transport.getLastServerResponse()));
        } catch (AuthenticationFailedException refused) {
            return new Receipt.Failed("the mail server refuses the login of MUSTER_SMTP_URL: " + refused.getMessage());
        } catch (MessagingException failure) {
            return receipt(failure);
        }
    }

    static Properties settings(SmtpUrl smtp) {
        var settings = new Properties();
        var millis = Long.toString(PATIENCE.toMillis());
        for (var protocol : new String[] {"mail.smtp.", "mail.smtps."}) {
            settings.setProperty(protocol + "connectiontimeout", millis);
            settings.setProperty(protocol + "timeout", millis);
            settings.setProperty(protocol + "writetimeout", millis);
            settings.setProperty(protocol + "ssl.checkserveridentity", "true");
            settings.setProperty(protocol + "auth", Boolean.toString(smtp.user() != null));
        }
        settings.setProperty("mail.smtp.starttls.enable", Boolean.toString(!smtp.isThisMachine()));
        settings.setProperty("mail.smtp.starttls.required", Boolean.toString(!smtp.isThisMachine()));
        return settings;
    }

    /** 5xx about this mail or its address is for good; all else may get better. */
    private static Receipt receipt(MessagingException failure) {
        var said = new StringBuilder();
        var never = false;
        for (Exception cause = failure; cause != null; cause = next(cause)) {
            never |= cause instanceof SMTPAddressFailedException address && address.getReturnCode() / 100 == 5
                    || cause instanceof SMTPSendFailedException send && send.getReturnCode() / 100 == 5;
            if (cause.getMessage() != null)
                said.append(said.isEmpty() ? "" : "; ").append(cause.getMessage());
        }
        return never ? new Receipt.Refused(said.toString()) : new Receipt.Failed(said.toString());
    }

    private static @Nullable Exception next(Exception cause) {
        return cause instanceof MessagingException messaging ? messaging.getNextException() : null;
    }

    private MimeMessage mail(Session session, SmtpUrl smtp, String to, Parcel parcel) throws MessagingException {
        var words = Words.of(parcel.message());
        var host = host();
        var mail = new Stable(session, "<" + parcel.id() + "@" + host + ">");
        mail.setFrom(new InternetAddress(from(smtp, host)));
        mail.setRecipient(MimeMessage.RecipientType.TO, new InternetAddress(to));
        mail.setSubject("[Muster] " + words.headline(), UTF_8.name());
        mail.setSentDate(Date.from(parcel.message().at()));
        mail.setHeader("Auto-Submitted", "auto-generated");
        mail.setHeader("X-Auto-Response-Suppress", "All");
        mail.setHeader("References", "<" + thread(parcel.message()) + "@" + host + ">");
        var plain = new MimeBodyPart();
        plain.setText(text(words, parcel), UTF_8.name());
        var html = new MimeBodyPart();
        html.setText(html(words, parcel), UTF_8.name(), "html");
        mail.setContent(new MimeMultipart("alternative", plain, html));
        mail.saveChanges();
        return mail;
    }

    private String host() {
        var host = URI.create(base.url("/")).getHost();
        return host == null ? "localhost" : host;
    }

    private static String from(SmtpUrl smtp, String host) {
        var user = smtp.user();
        return smtp.from().orElse(user != null && user.contains("@") ? user : "muster@" + host);
    }

    /** All mails about one store, or one job, stand together in the reader's list. */
    private static String thread(Message message) {
        var job = message.job();
        if (message.store() != null) return "store." + message.store();
        return job == null ? "muster" : "job." + job.id().replaceAll("[^A-Za-z0-9_-]", "_");
    }

    static String text(Words words, Parcel parcel) {
        var text = new StringBuilder(words.headline()).append("\n\n");
        parcel.late().ifPresent(late -> text.append(late).append("\n\n"));
        for (var fact : words.facts()) {
            text.append(fact.name()).append(": ").append(fact.text()).append('\n');
        }
        return text.append("\nOpen in Muster: ")
                .append(parcel.link())
                .append('\n')
                .toString();
    }

    static String html(Words words, Parcel parcel) {
        var html = new StringBuilder("<!doctype html>\n<html lang=\"en\"><body style=\"font-family:sans-serif\">\n");
        html.append("<h1 style=\"font-size:1.2em\">")
                .append(escaped(words.headline()))
                .append("</h1>\n");
        parcel.late()
                .ifPresent(late -> html.append("<p><em>").append(escaped(late)).append("</em></p>\n"));
        for (var fact : words.facts()) {
            html.append("<p><strong>").append(fact.name()).append("</strong><br>");
            html.append(escaped(fact.text())).append("</p>\n");
        }
        html.append("<p><a href=\"").append(escaped(parcel.link())).append("\">Open in Muster</a></p>\n");
        return html.append("</body></html>\n").toString();
    }

    private static String escaped(String text) {
        return HtmlUtils.htmlEscape(text, UTF_8.name());
    }

    /** Keeps its id when it is sent again. */
    private static final class Stable extends MimeMessage {

        private final String id;

        Stable(Session session, String id) {
            super(session);
            this.id = id;
        }

        @Override
        protected void updateMessageID() throws MessagingException {
            setHeader("Message-ID", id);
        }
    }
}
