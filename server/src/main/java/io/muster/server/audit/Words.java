package io.muster.server.audit;

import io.muster.server.audit.AuditEvent.Outcome;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * What an event is found by beside its user and its action: the lexemes of the column {@code words}. Most begin with the number of the
 * log, so that each tenant has entries of its own in the index; addresses, agents and subjects are there as random references only.
 */
@Component
class Words {

    private static final int MOST = 64;
    private static final int LONGEST = 64;

    /** What a resource is cut to; PostgreSQL takes lexemes of 2,046 bytes. */
    private static final int LONGEST_RESOURCE = 400;

    /** Members of details that hold nothing personal, by their dotted paths. */
    private final Set<String> clear;

    Words(@Value("${muster.audit-clear-details:}") String clear) {
        this.clear = new LinkedHashSet<>(Arrays.stream(clear.split(","))
                .map(String::strip)
                .filter(path -> !path.isEmpty())
                .toList());
    }

    /** Those of {@code event} that are no references. */
    Set<String> of(int log, AuditEvent event) {
        var words = new TreeSet<String>();
        split(event.action(), words);
        if (event.resource() != null) split(event.resource(), words);
        if (event.details() != null) {
            for (var path : clear) at(event.details(), path).forEach(value -> split(value, words));
        }
        var lexemes = new TreeSet<String>();
        for (var word : words) {
            if (lexemes.size() == MOST) break;
            lexemes.add(word(log, word));
        }
        if (event.resource() != null) lexemes.add(resource(log, event.resource()));
        if (event.service() != null) lexemes.add(service(log, event.service()));
        if (event.status() != Outcome.SUCCESS) lexemes.add(outcome(log, event.status()));
        return lexemes;
    }

    static String word(int log, String word) {
        return log + "w" + word;
    }

    static String resource(int log, String resource) {
        return log + "r" + (resource.length() > LONGEST_RESOURCE ? resource.substring(0, LONGEST_RESOURCE) : resource);
    }

    /** How many characters more the next of {@link #beginnings} has. */
    private static final int STEP = 4;

    private static final int LONGEST_BEGINNING = 64;

    /** What every resource that begins so has in its {@link WordFilter}: its first 4, 8, 12 characters and so on; none, if it is shorter. */
    static List<String> beginnings(int log, String resource) {
        var beginnings = new ArrayList<String>();
        for (int length = STEP; length <= Math.min(resource.length(), LONGEST_BEGINNING); length += STEP) {
            beginnings.add(log + "b" + resource.substring(0, length));
        }
        return beginnings;
    }

    /** What a {@link WordFilter} holds of an event, or of several: the lexemes, and how their resources begin. */
    static long[] probes(int log, Collection<String> lexemes) {
        var all = new ArrayList<>(lexemes);
        var resource = resource(log, "");
        for (var lexeme : lexemes) {
            if (lexeme.startsWith(resource)) all.addAll(beginnings(log, lexeme.substring(resource.length())));
        }
        return all.stream().mapToLong(WordFilter::probe).toArray();
    }

    static String service(int log, String service) {
        return log + "v" + service;
    }

    static String outcome(int log, Outcome outcome) {
        return log + "o" + outcome;
    }

    static String ip(long ref) {
        return "i" + Long.toString(ref, 36);
    }

    static String agent(long ref) {
        return "a" + Long.toString(ref, 36);
    }

    static String subject(UUID ref) {
        return "s" + ref;
    }

    /** The words of a text, in lower case: runs of letters and digits. */
    static List<String> split(String text) {
        var words = new LinkedHashSet<String>();
        split(text, words);
        return new ArrayList<>(words);
    }

    private static void split(String text, Set<String> words) {
        int from = -1;
        for (int i = 0; i <= text.length(); i++) {
            boolean part = i < text.length() && Character.isLetterOrDigit(text.charAt(i));
            if (part && from < 0) from = i;
            if (!part && from >= 0) {
                words.add(cut(text.substring(from, i).toLowerCase(Locale.ROOT)));
                from = -1;
            }
        }
    }

    private static String cut(String word) {
        return word.length() > LONGEST ? word.substring(0, LONGEST) : word;
    }

    private static List<String> at(@Nullable Object value, String path) {
        if (path.isEmpty()) {
            return switch (value) {
                case String text -> List.of(text);
                case List<?> items ->
                    items.stream().flatMap(item -> at(item, "").stream()).toList();
                case Number number -> List.of(number.toString());
                case null, default -> List.of();
            };
        }
        if (!(value instanceof Map<?, ?> members)) return List.of();
        int dot = path.indexOf('.');
        return dot < 0 ? at(members.get(path), "") : at(members.get(path.substring(0, dot)), path.substring(dot + 1));
    }

    /**
     * The binary form of a tsvector without positions.
     *
     * @see <a href="https://github.com/postgres/postgres/blob/REL_18_STABLE/src/backend/utils/adt/tsvector.c">tsvectorrecv</a>
     */
    static byte[] binary(Set<String> lexemes) {
        var bytes = new ByteArrayOutputStream(256);
        int n = lexemes.size();
        bytes.write(n >>> 24);
        bytes.write(n >>> 16);
        bytes.write(n >>> 8);
        bytes.write(n);
        for (var lexeme : lexemes) {
            bytes.writeBytes(lexeme.getBytes(StandardCharsets.UTF_8));
            bytes.write(0);
            bytes.write(0);
            bytes.write(0);
        }
        return bytes.toByteArray();
    }
}
