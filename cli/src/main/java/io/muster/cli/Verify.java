package io.muster.cli;

import io.muster.merklelog.Bundle;
import io.muster.merklelog.CanonicalJson;
import io.muster.merklelog.Checkpoint;
import io.muster.merklelog.Hash;
import io.muster.merklelog.Malformed;
import io.muster.merklelog.Refuted;
import io.muster.merklelog.SignedNote;
import io.muster.merklelog.TlogProof;
import io.muster.merklelog.VerifierKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Proves, without any server, that an entry is in a log. Says what it checked, and ends at the first lie. */
@Command(
        name = "verify",
        description =
                "Proves, without a server, that an entry is in a log: from its proof file and the log's public key.",
        mixinStandardHelpOptions = true)
class Verify implements Callable<Integer> {
    /** Of an envelope; an event has 256 KiB at most. */
    private static final int LARGEST_ENVELOPE = 1 << 20;

    private static final int LARGEST_KEYS = 1 << 16;

    @Parameters(paramLabel = "FILE", description = "The proof, a .tlog-proof file.")
    Path file;

    @ArgGroup(multiplicity = "1")
    What what;

    static class What {
        @Option(
                names = "--envelope",
                paramLabel = "FILE",
                description = "What is to be proven: an event's envelope, byte for byte.")
        @Nullable Path envelope;

        @Option(
                names = "--entry",
                paramLabel = "FILE",
                description = "What is to be proven: an entry of any log, byte for byte.")
        @Nullable Path entry;
    }

    @Option(
            names = "--key",
            paramLabel = "FILE",
            required = true,
            description = "The log's verifier keys, one a line. Get them once, from someone whom you trust.")
    Path key;

    @Option(
            names = "--witness",
            paramLabel = "FILE",
            description = "Verifier keys of witnesses, one a line: each must have signed too.")
    @Nullable Path witness;

    @Spec
    CommandSpec spec;

    @Override
    public Integer call() throws IOException, Refuted {
        var out = spec.commandLine().getOut();
        var keys = read(key, LARGEST_KEYS, Verify::keys);
        var proof = read(file, SignedNote.LARGEST, TlogProof::parse);
        var leaf = what.envelope == null
                ? read(what.entry, Bundle.LARGEST_ENTRY, Hash::ofLeaf)
                : Hash.ofLeaf(read(what.envelope, LARGEST_ENVELOPE, Verify::entryOf));
        out.println((what.envelope == null ? "the entry" : "the envelope is canonical; its entry") + " has the hash "
                + leaf);

        var origin = keys.getFirst().name();
        var checkpoint = Checkpoint.open(proof.note(), origin, keys);
        out.println("the log " + origin + " signed that it has " + checkpoint.size() + " entries with the root "
                + checkpoint.root());
        proof.verify(leaf, origin, keys);
        out.println("entry " + proof.index() + " of them is this one");
        if (witness != null) {
            checkWitnesses(proof.note(), read(witness, LARGEST_KEYS, Verify::keys), out);
        }
        out.println("proven");
        return 0;
    }

    private static void checkWitnesses(SignedNote note, List<VerifierKey> witnesses, PrintWriter out) throws Refuted {
        for (var one : witnesses) {
            var signature = note.verify(List.of(one)).getFirst();
            out.println("the witness " + one.name() + " signed it too"
                    + signature.at().map(at -> ", at " + at).orElse(""));
        }
    }

    /** One a line; all of one log, if they are a log's. */
    private static List<VerifierKey> keys(byte[] file) {
        var keys = new String(file, StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.isBlank())
                .map(VerifierKey::parse)
                .toList();
        if (keys.isEmpty()) {
            throw new Malformed("there is no key in it");
        }
        return keys;
    }

    /** The entry that stands for an event: when it was taken, the SHA-256 of its envelope, its id. */
    static byte[] entryOf(byte[] envelope) {
        var text = new String(envelope, StandardCharsets.UTF_8);
        if (!Arrays.equals(CanonicalJson.of(text), envelope)) {
            throw new Malformed("it is JSON, but not canonical (RFC 8785), so it is not what was hashed");
        }
        if (Json.parse(text) instanceof Map<?, ?> members
                && members.get("recorded_at") instanceof String at
                && members.get("id") instanceof String id) {
            return CanonicalJson.of(
                    "{\"at\":" + quoted(at) + ",\"c\":\"" + sha256(envelope) + "\",\"id\":" + quoted(id) + ",\"v\":1}");
        }
        throw new Malformed("an envelope has an id and recorded_at");
    }

    private static String quoted(String text) {
        var quoted = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            quoted.append(c < ' ' || c == '"' || c == '\\' ? String.format("\\u%04x", (int) c) : String.valueOf(c));
        }
        return quoted.append('"').toString();
    }

    private static String sha256(byte[] bytes) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }

    private static <T> T read(@Nullable Path file, int most, Function<byte[], T> reader) throws IOException {
        if (file == null) {
            throw new IllegalStateException("one of --envelope and --entry is always given");
        }
        byte[] bytes;
        try (var in = Files.newInputStream(file)) {
            bytes = in.readNBytes(most + 1);
        } catch (NoSuchFileException absent) {
            throw new IOException("there is no file " + file, absent);
        } catch (IOException unreadable) {
            throw new IOException("cannot read " + file + ": " + unreadable.getMessage(), unreadable);
        }
        if (bytes.length > most) {
            throw new IOException(file + " has more than " + most + " bytes");
        }
        try {
            return reader.apply(bytes);
        } catch (Malformed malformed) {
            throw new IOException(file + ": " + malformed.getMessage(), malformed);
        }
    }
}
