package io.muster.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.muster.merklelog.Hash;
import io.muster.merklelog.Malformed;
import io.muster.merklelog.Refuted;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * An event as the API shows it, beside what was hashed of it: does it show what the log has? One after the other, by one thread.
 *
 * <p>All that is shown must open the envelope's {@code plain}, SHA-256(salt || canonical event). After an erasure nobody has the salt: then
 * what stands in clear in the envelope must be the same, and what was sealed is not shown.
 */
final class ShownEvent {
    /** What stands in clear in both, and how it is called there. */
    private record Clear(byte[] shown, byte[] hashed) {
        Clear(String shown, String hashed) {
            this(Envelope.ascii(shown), Envelope.ascii(hashed));
        }
    }

    private static final Clear CATEGORIES = new Clear("dataCategories", "categories");

    /** In the order of the envelope's names: then each is found where the last one was. */
    private static final List<Clear> CLEAR = List.of(
            new Clear("action", "action"),
            CATEGORIES,
            new Clear("eventId", "id"),
            new Clear("timestamp", "occurred_at"),
            new Clear("status", "outcome"),
            new Clear("receivedAt", "recorded_at"),
            new Clear("region", "region"),
            new Clear("resource", "resource"),
            new Clear("service", "service"),
            new Clear("tenantId", "tenant"),
            new Clear("traceId", "trace"));

    private static final List<byte[]> SEALED = List.of(
            Envelope.ascii("userId"),
            Envelope.ascii("ip"),
            Envelope.ascii("userAgent"),
            Envelope.ascii("subjectId"),
            Envelope.ascii("details"));

    private static final byte[] SEQUENCE = Envelope.ascii("sequence");
    private static final byte[] RECEIVED_AT = Envelope.ascii("receivedAt");
    private static final byte[] EVENT_ID = Envelope.ascii("eventId");
    private static final byte[] TENANT_ID = Envelope.ascii("tenantId");
    private static final byte[] ERASED = Envelope.ascii("erased");
    private static final byte[] PLAIN = Envelope.ascii("plain");
    private static final byte[] TRUE = Envelope.ascii("true");
    private static final byte[] NULL = Envelope.ascii("null");
    private static final byte[] NONE = Envelope.ascii("[]");

    private final byte[] tenant;
    private final Members event = new Members();
    private final byte[] saltText = new byte[Envelope.BASE64];
    private final byte[] saltAgain = new byte[Envelope.BASE64];
    private byte[] opened = new byte[1 << 12];
    private int erased;

    /** @param tenant whose events these are, in JSON */
    ShownEvent(String tenant) {
        this.tenant = tenant.getBytes(UTF_8);
    }

    /** Reads one. */
    void read(Lines line) {
        event.read(line.bytes, line.from, line.to);
        erased = event.find(ERASED);
    }

    /** Where in the log it is. */
    long sequence() {
        if (!event.is(event.get(TENANT_ID), tenant)) {
            throw new Malformed("it is of the tenant " + event.value(event.get(TENANT_ID)) + ", the export of "
                    + new String(tenant, UTF_8));
        }
        if (isErased() && !event.is(erased, TRUE)) {
            throw new Malformed("its erased is " + event.value(erased) + ": that is true, or not there");
        }
        return event.number(event.get(SEQUENCE));
    }

    boolean isErased() {
        return erased >= 0;
    }

    /** Which one it is. */
    String name() {
        int id = event.find(EVENT_ID);
        int sequence = event.find(SEQUENCE);
        return "event " + (id < 0 ? "without an id" : event.value(id).replace("\"", ""))
                + (sequence < 0 ? "" : ", sequence " + event.value(sequence));
    }

    /** Whether it is erased, and yet shows something that was sealed: nobody can prove that any more. */
    boolean showsUnproven() {
        if (!isErased()) {
            return false;
        }
        return SEALED.stream().anyMatch(name -> event.find(name) >= 0 && !event.is(event.find(name), NULL));
    }

    void compare(Envelope envelope) throws Refuted {
        var hashed = envelope.members;
        for (var clear : CLEAR) {
            int mine = event.find(clear.shown);
            int theirs = hashed.find(clear.hashed);
            boolean same = mine < 0 ? theirs < 0 : theirs >= 0 && event.same(mine, hashed, theirs);
            if (!same && !(clear == CATEGORIES && theirs < 0 && event.is(mine, NONE))) {
                throw new Refuted("it shows the " + new String(clear.shown, US_ASCII)
                        + " " + (mine < 0 ? "nowhere" : event.value(mine)) + ", its envelope has "
                        + (theirs < 0 ? "none" : hashed.value(theirs)));
            }
        }
        if (isErased()) {
            onlyKnownMembers();
        }
    }

    /** They are all that is compared. */
    private void onlyKnownMembers() {
        for (int i = 0; i < event.count(); i++) {
            var name = Envelope.ascii(event.name(i));
            boolean known = CLEAR.stream().anyMatch(clear -> Arrays.equals(clear.shown, name))
                    || SEALED.stream().anyMatch(hidden -> Arrays.equals(hidden, name))
                    || Arrays.equals(name, SEQUENCE)
                    || Arrays.equals(name, ERASED);
            if (!known) {
                throw new Malformed("no erased event has a member " + event.name(i));
            }
        }
    }

    /** @param salt a line: 32 bytes in base64, or nothing if it is erased */
    void open(Envelope envelope, Lines salt) throws Refuted {
        if (isErased() != (salt.length() == 0)) {
            throw new Refuted(
                    isErased()
                            ? "it is erased, and yet there is a salt"
                            : "there is no salt, and yet it is not erased");
        }
        if (isErased()) {
            return;
        }
        int room = Hash.LENGTH + event.length();
        if (opened.length < room) {
            opened = new byte[room + room / 2];
        }
        if (salt.length() != saltText.length) {
            throw new Malformed("its salt is not 32 bytes in base64");
        }
        System.arraycopy(salt.bytes, salt.from, saltText, 0, saltText.length);
        try {
            int length = Base64.getDecoder().decode(saltText, opened);
            Base64.getEncoder().encode(Arrays.copyOf(opened, length), saltAgain);
        } catch (IllegalArgumentException notBase64) {
            throw new Malformed("its salt is not base64");
        }
        if (!Arrays.equals(saltText, saltAgain)) {
            throw new Malformed("its salt is not 32 bytes in canonical base64");
        }
        int end = event.copy(opened, Hash.LENGTH, event.find(SEQUENCE), event.find(RECEIVED_AT));
        var hash = envelope.sha256(opened, 0, end);
        int plain = envelope.members.get(PLAIN);
        if (!envelope.members.isString(plain, hash)) {
            throw new Refuted(
                    "with its salt it hashes to " + new String(hash, US_ASCII) + ", its envelope has the plain "
                            + envelope.members.value(plain) + ": something of what is shown, or the salt, was changed");
        }
    }
}
