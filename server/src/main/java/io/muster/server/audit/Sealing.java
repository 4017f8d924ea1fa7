package io.muster.server.audit;

import static io.muster.server.audit.SealedEvent.NOT_YET;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.muster.merklelog.CanonicalJson;
import io.muster.server.audit.Logs.Met;
import io.muster.server.audit.Logs.Name;
import io.muster.server.audit.TenantLog.Person;
import io.muster.server.audit.TenantLog.Trait;
import io.muster.server.keys.FieldKey;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.stereotype.Component;

/**
 * Makes envelopes of events: what is personal is sealed under the key of whose it is, and the whole is committed to in clear by a salted
 * hash. Envelope and members: docs/life-of-an-event.md.
 */
@Component
class Sealing {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Base64.Encoder BASE64 = Base64.getEncoder();

    /** @param ownId the client named it */
    record ToSeal(AuditEvent event, boolean ownId) {}

    private final Logs logs;
    private final Words words;

    Sealing(Logs logs, Words words) {
        this.logs = logs;
        this.words = words;
    }

    /** In the order given. Asks the database only for logs, persons and traits that this server has not met. */
    List<SealedEvent> seal(List<ToSeal> events) {
        try {
            return met(events, logs::open);
        } catch (DataIntegrityViolationException someoneWasErased) {
            events.forEach(one -> logs.forget(one.event().tenantId()));
            return met(events, logs::open);
        }
    }

    /** For a log that does not grow yet. */
    SealedEvent sealFor(TenantLog log, ToSeal event) {
        return met(List.of(event), _ -> log).getFirst();
    }

    private List<SealedEvent> met(List<ToSeal> events, Function<String, TenantLog> logOf) {
        var open = new HashMap<String, TenantLog>();
        var parts = new ArrayList<Parts>(events.size());
        var strangers = new HashSet<Name>();
        for (var one : events) {
            var log = open.computeIfAbsent(one.event().tenantId(), logOf);
            var part = new Parts(one, log);
            part.actor = log.people().get(actor(one.event()));
            part.subject = log.people().get(subject(one.event()));
            if (part.actor == null) strangers.add(new Name(log, actor(one.event())));
            if (part.subject == null) strangers.add(new Name(log, subject(one.event())));
            parts.add(part);
        }
        var people = logs.meet(strangers);
        var news = new HashSet<Met>();
        for (var part : parts) {
            var event = part.one.event();
            if (part.actor == null) part.actor = people.get(new Name(part.log, actor(event)));
            if (part.subject == null) part.subject = people.get(new Name(part.log, subject(event)));
            part.ip = ref(part, Trait.IP, event.ip(), news);
            part.agent = ref(part, Trait.AGENT, event.userAgent(), news);
        }
        var refs = logs.meetTraits(news);
        for (var part : parts) {
            var event = part.one.event();
            if (part.ip == null && event.ip() != null) part.ip = refs.get(part.met(Trait.IP, event.ip()));
            if (part.agent == null && event.userAgent() != null) {
                part.agent = refs.get(part.met(Trait.AGENT, event.userAgent()));
            }
        }
        return parts.stream().map(this::seal).toList();
    }

    /** An event with what is found out about those in it. */
    private static final class Parts {
        final ToSeal one;
        final TenantLog log;

        @Nullable Person actor;

        @Nullable Person subject;

        @Nullable Long ip;

        @Nullable Long agent;

        Parts(ToSeal one, TenantLog log) {
            this.one = one;
            this.log = log;
        }

        Met met(short kind, String value) {
            return new Met(log, requireNonNull(actor), new Trait(kind, value));
        }
    }

    private static @Nullable Long ref(Parts part, short kind, @Nullable String value, Set<Met> news) {
        if (value == null) return null;
        var met = part.met(kind, value);
        var ref = met.person().traits().get(met.trait());
        if (ref == null) news.add(met);
        return ref;
    }

    private static String subject(AuditEvent event) {
        var subject = event.subject();
        return subject == null ? TenantLog.NOBODY : subject;
    }

    /** Under whose key the user's name, address and agent are: the subject's where there is no user. */
    private static String actor(AuditEvent event) {
        return event.userId() != null ? event.userId() : subject(event);
    }

    private SealedEvent seal(Parts parts) {
        var event = parts.one.event();
        var log = parts.log;
        var actor = requireNonNull(parts.actor);
        var subject = requireNonNull(parts.subject);
        var canonical = event.canonical();
        var lexemes = words.of(log.id(), event);
        if (event.ip() != null) lexemes.add(Words.ip(requireNonNull(parts.ip)));
        if (event.userAgent() != null) lexemes.add(Words.agent(requireNonNull(parts.agent)));
        if (event.userId() == null ? event.subjectId() != null : !actor.equals(subject)) {
            lexemes.add(Words.subject(subject.ref()));
        }
        var place = log.tenant() + "|" + event.eventId() + "|";
        var salt = FieldKey.random();
        var share = actor.equals(subject) ? null : FieldKey.random();
        var head = new StringBuilder(2_048).append("{\"action\":");
        CanonicalJson.write(event.action(), head);
        head.append(",\"actor\":{");
        sealed(head, "ip", event.ip(), actor.key(), place + "actor.ip");
        head.append("\"ref\":\"").append(actor.ref()).append('"');
        if (share != null) {
            head.append(",\"salt\":\"")
                    .append(BASE64.encodeToString(actor.key().seal(share, place + "actor.salt")))
                    .append('"');
        }
        behind(head, "ua", event.userAgent(), actor.key(), place + "actor.ua");
        behind(head, "user", event.userId(), actor.key(), place + "actor.user");
        head.append('}');
        if (!event.dataCategories().isEmpty()) {
            head.append(",\"categories\":");
            CanonicalJson.write(event.dataCategories(), head);
        }
        head.append(",\"cell\":\"").append(Logs.CELL).append("\",\"id\":\"").append(event.eventId());
        head.append("\",\"nonce\":\"").append(BASE64.encodeToString(nonce()));
        head.append("\",\"occurred_at\":\"").append(AuditEvent.text(event.timestamp()));
        head.append("\",\"outcome\":\"").append(event.status());
        head.append("\",\"plain\":\"").append(SealedEvent.plain(salt, canonical));
        head.append("\",\"recorded_at\":\"");
        int receivedAt = utf8Length(head);
        head.append(NOT_YET).append('"');
        text(head, "region", event.region());
        text(head, "resource", event.resource());
        text(head, "service", event.service());
        head.append(",\"subject\":{");
        if (event.details() != null) {
            var details = new StringBuilder();
            CanonicalJson.write(event.details(), details);
            sealed(head, "details", details.toString(), subject.key(), place + "subject.details");
        }
        sealed(head, "id", event.subjectId(), subject.key(), place + "subject.id");
        head.append("\"ref\":\"").append(subject.ref()).append("\",\"salt\":\"");
        head.append(BASE64.encodeToString(subject.key().seal(xor(salt, share), place + "subject.salt")))
                .append("\"}");
        text(head, "tenant", event.tenantId());
        text(head, "trace", event.traceId());
        head.append(",\"v\":1}");
        return new SealedEvent(
                log,
                event.eventId(),
                parts.one.ownId(),
                event.action(),
                event.status(),
                event.userId() == null ? null : actor.ref(),
                subject.ref(),
                Words.binary(lexemes),
                Words.probes(log.id(), lexemes),
                head.toString().getBytes(UTF_8),
                receivedAt);
    }

    /** How the salt is parted between two persons: with one share destroyed, nothing is known of it. */
    static byte[] xor(byte[] salt, byte @Nullable [] share) {
        if (share == null) return salt;
        var rest = new byte[salt.length];
        for (int i = 0; i < salt.length; i++) rest[i] = (byte) (salt[i] ^ share[i]);
        return rest;
    }

    private static byte[] nonce() {
        var nonce = new byte[16];
        RANDOM.nextBytes(nonce);
        return nonce;
    }

    /** {@code "name":"sealed",} */
    private static void sealed(StringBuilder out, String name, @Nullable String value, FieldKey key, String place) {
        if (value == null) return;
        out.append('"').append(name).append("\":\"");
        out.append(BASE64.encodeToString(key.seal(value.getBytes(UTF_8), place)))
                .append("\",");
    }

    /** {@code ,"name":"sealed"} */
    private static void behind(StringBuilder out, String name, @Nullable String value, FieldKey key, String place) {
        if (value == null) return;
        out.append(",\"").append(name).append("\":\"");
        out.append(BASE64.encodeToString(key.seal(value.getBytes(UTF_8), place)))
                .append('"');
    }

    private static void text(StringBuilder out, String name, @Nullable String value) {
        if (value == null) return;
        out.append(",\"").append(name).append("\":");
        CanonicalJson.write(value, out);
    }

    private static int utf8Length(CharSequence text) {
        int length = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                length++;
            } else if (c < 0x800) {
                length += 2;
            } else if (Character.isHighSurrogate(c)) {
                length += 4;
                i++;
            } else {
                length += 3;
            }
        }
        return length;
    }
}
