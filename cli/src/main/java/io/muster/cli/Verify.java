package io.muster.cli;

import io.muster.merklelog.Bundle;
import io.muster.merklelog.Checkpoint;
import io.muster.merklelog.Hash;
import io.muster.merklelog.Malformed;
import io.muster.merklelog.OtherRoot;
import io.muster.merklelog.Refuted;
import io.muster.merklelog.SignedNote;
import io.muster.merklelog.TiledTree;
import io.muster.merklelog.TlogProof;
import io.muster.merklelog.VerifierKey;
import java.io.EOFException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Proves an audit trail, or one event of it, with nothing but public keys. Says what it checked, and ends at the first lie. */
@Command(
        name = "verify",
        description = {
            "Proves what a log holds: one entry from its proof file, an export, or all that a server has. Needs the log's public"
                    + " key, and trusts nothing else.",
            "Ends 0 if all is proven, 1 at the first lie, 2 if it cannot be checked."
        },
        mixinStandardHelpOptions = true)
class Verify implements Callable<Integer> {
    /** Of an envelope; an event has 256 KiB at most. */
    private static final int LARGEST_ENVELOPE = 1 << 20;

    private static final String PROOF = "c2sp.org/tlog-proof";
    private static final String GROWN = "it has grown out of the checkpoint in ";
    private static final String UNCHANGED = ": nothing before was changed";

    @Parameters(
            paramLabel = "FILE|URL",
            description = "An export (.zip); a proof (.tlog-proof) with --envelope or --entry; or a log on a server,"
                    + " https://host/logs/<tenant>.")
    String place;

    @ArgGroup
    @Nullable What what;

    static class What {
        @Option(
                names = "--envelope",
                paramLabel = "FILE",
                description = "What a proof is of: an event's envelope, byte for byte.")
        @Nullable Path envelope;

        @Option(
                names = "--entry",
                paramLabel = "FILE",
                description = "What a proof is of: an entry of any log, byte for byte.")
        @Nullable Path entry;
    }

    @Option(
            names = "--key",
            paramLabel = "FILE",
            description = "The log's verifier keys, one a line. Get them once, from someone whom you trust.")
    @Nullable Path key;

    @Option(
            names = "--witness",
            paramLabel = "FILE",
            description = "Verifier keys of witnesses, one a line: each must have signed too.")
    @Nullable Path witness;

    @Option(
            names = "--since",
            paramLabel = "FILE",
            description = "A checkpoint that you keep: the log must have grown out of it, unchanged.")
    @Nullable Path since;

    @Option(
            names = "--save",
            paramLabel = "FILE",
            description = "Where to keep the checkpoint, once all is proven: for --since next time.")
    @Nullable Path save;

    @Option(
            names = "--entries-only",
            description = "Of a log on a server: its entries and tiles, without the events themselves.")
    boolean entriesOnly;

    @Option(
            names = "--key-file",
            paramLabel = "FILE",
            description = "Of a log on a server: a file with an API key that may read it; else MUSTER_KEY.")
    @Nullable Path keyFile;

    @Spec
    CommandSpec spec;

    Map<String, String> environment = System.getenv();

    private PrintWriter out = new PrintWriter(Writer.nullWriter());
    private PrintWriter err = out;

    /** What is given to check with cannot be used. */
    private static final class Unusable extends IOException {
        private static final long serialVersionUID = 1;

        Unusable(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    @Override
    public Integer call() {
        out = Printable.of(spec.commandLine().getOut());
        err = Printable.of(spec.commandLine().getErr());
        try {
            var note = prove();
            if (save != null) {
                keep(note, save);
            }
            out.println("proven");
            return 0;
        } catch (Refuted | Malformed | ZipException | EOFException lie) {
            err.println("muster: "
                    + (lie instanceof IOException ? "it is no zip, or a broken one: " : "")
                    + lie.getMessage());
            return 1;
        } catch (IOException cannot) {
            err.println("muster: cannot check: " + cannot.getMessage());
            return 2;
        }
    }

    /** The checkpoint to which all was proven. */
    private SignedNote prove() throws Refuted, IOException {
        if (place.startsWith("http://") || place.startsWith("https://")) {
            return served();
        }
        return what == null ? exported() : proof(what);
    }

    // ---- a proof ----

    private SignedNote proof(What what) throws Refuted, IOException {
        if (key == null || since != null) {
            throw new ParameterException(
                    spec.commandLine(), "a proof needs --key, the log's public key, and tells nothing --since");
        }
        var keys = keys(key);
        var proof = read(Path.of(place), SignedNote.LARGEST, TlogProof::parse);
        Hash leaf;
        if (what.envelope != null) {
            leaf = read(what.envelope, LARGEST_ENVELOPE, Verify::leafOf);
            out.println("the envelope is canonical; its entry has the hash " + leaf);
        } else {
            leaf = read(Objects.requireNonNull(what.entry), Bundle.LARGEST_ENTRY, Hash::ofLeaf);
            out.println("the entry has the hash " + leaf);
        }
        var origin = keys.getFirst().name();
        var checkpoint = Checkpoint.open(proof.note(), origin, keys);
        out.println("the log " + origin + " signed that it has " + checkpoint.size() + " entries with the root "
                + checkpoint.root());
        proof.verify(leaf, origin, keys);
        out.println("entry " + proof.index() + " of them is this one");
        checkWitnesses(proof.note());
        return proof.note();
    }

    private static Hash leafOf(byte[] bytes) {
        var envelope = new Envelope();
        envelope.read(bytes, 0, bytes.length);
        return envelope.leaf();
    }

    // ---- an export ----

    private SignedNote exported() throws Refuted, IOException {
        var keys = key == null ? List.<VerifierKey>of() : keys(key);
        var file = Path.of(place);
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw new Unusable("there is no file " + file + " that can be read", null);
        }
        try (var in = Files.newInputStream(file)) {
            if (new String(in.readNBytes(PROOF.length()), StandardCharsets.UTF_8).equals(PROOF)) {
                throw new ParameterException(
                        spec.commandLine(), file + " is a proof: say by --envelope or --entry what it is of");
            }
        }
        try (var export = Export.open(file)) {
            var check = new ExportCheck(export, keys, out);
            checkWitnesses(check.note());
            if (since != null) {
                since(since, check);
            }
            check.events(out, err);
            return check.note();
        }
    }

    private void since(Path file, ExportCheck check) throws Refuted, IOException {
        var old = since(file, check.keys());
        if (old.size() > check.checkpoint().size()) {
            throw new Unusable(
                    "the checkpoint in " + file + " has " + old.size() + " entries, this older export "
                            + check.checkpoint().size(),
                    null);
        }
        try {
            grown(old, check.checkpoint(), check.tree());
        } catch (Malformed missing) {
            if (check.isWhole()) {
                throw missing;
            }
            throw new Unusable(
                    "an export of a part of the log has not all tiles that lead from " + file + ": "
                            + missing.getMessage(),
                    missing);
        }
        out.println(GROWN + file + UNCHANGED);
    }

    // ---- a log on a server ----

    private SignedNote served() throws Refuted, IOException {
        var server = new Server();
        server.keyFile = keyFile;
        server.environment = environment;
        ServedLog log;
        try {
            server.url = new URI(place).parseServerAuthority();
            log = new ServedLog(server);
        } catch (URISyntaxException | IllegalArgumentException noLog) {
            throw new ParameterException(
                    spec.commandLine(), place + ": the address of a log is https://host/logs/<tenant>");
        }
        var keys = key == null ? log.keys() : keys(key);
        if (key == null) {
            Keys.warn(keys, "that the server itself gives", out);
        }
        var note = log.checkpoint();
        var checkpoint = Checkpoint.open(note, keys.getFirst().name(), keys);
        out.println("the log " + checkpoint.origin() + " signed that it has " + checkpoint.size()
                + " entries with the root " + checkpoint.root());
        checkWitnesses(note);
        var all = new ArrayList<>(List.of(checkpoint));
        if (since != null) {
            var old = since(since, keys);
            if (old.size() > checkpoint.size()) {
                throw new Refuted("the log has gone back: it signed " + old.size() + " entries (" + since
                        + "), and now " + checkpoint.size());
            }
            all.add(old);
        }
        try {
            log.readAll(all, checkpoint.size(), err);
        } catch (OtherRoot lie) {
            if (!entriesOnly) { // ends at the event that does not fit its entry, if it is one of these
                exported(log, keys, checkpoint, note);
            }
            throw lie;
        }
        out.println("all its entries, and all tiles over them, lead to that root");
        if (since != null) {
            out.println(GROWN + since + UNCHANGED);
        }
        return entriesOnly ? note : exported(log, keys, checkpoint, note);
    }

    /** The events themselves, from an export of now; the newer of the two checkpoints. */
    private SignedNote exported(ServedLog log, List<VerifierKey> keys, Checkpoint checkpoint, SignedNote note)
            throws Refuted, IOException {
        var file = Files.createTempFile("muster-verify-", ".zip");
        try {
            log.export(file, err);
            try (var export = Export.open(file)) {
                out.println("its events, from an export of now:");
                var check = new ExportCheck(export, keys, out);
                if (!check.isWhole() || !check.tenant().equals('"' + log.tenant() + '"')) {
                    throw new Refuted("asked for the whole log of " + log.tenant() + ", the server sent "
                            + (check.isWhole() ? "one of " + check.tenant() : "a part"));
                }
                check.events(out, err);
                boolean newer = check.checkpoint().size() >= checkpoint.size();
                if (newer) {
                    grown(checkpoint, check.checkpoint(), check.tree());
                } else {
                    grown(check.checkpoint(), checkpoint, new TiledTree(checkpoint.size(), log));
                }
                return newer ? check.note() : note;
            } catch (Refuted | Malformed lie) {
                throw new Refuted("in the export: " + lie.getMessage());
            }
        } finally {
            Files.deleteIfExists(file);
        }
    }

    // ---- of all ----

    private static void grown(Checkpoint old, Checkpoint now, TiledTree tree) throws Refuted, IOException {
        if (old.size() > 0) {
            tree.consistency(old.size()).verify(old.root(), now.root());
        }
    }

    private static Checkpoint since(Path file, List<VerifierKey> keys) throws Refuted, IOException {
        var note = kept(file, SignedNote.LARGEST, SignedNote::parse);
        try {
            return Checkpoint.open(note, keys.getFirst().name(), keys);
        } catch (Refuted lie) {
            throw new Refuted(file + ": " + lie.getMessage());
        }
    }

    private void checkWitnesses(SignedNote note) throws Refuted, IOException {
        for (var one : witness == null ? List.<VerifierKey>of() : keys(witness)) {
            var signature = note.verify(List.of(one)).getFirst();
            out.println("the witness " + one.name() + " signed it too"
                    + signature.at().map(at -> ", at " + at).orElse(""));
        }
    }

    private static List<VerifierKey> keys(Path file) throws IOException {
        return kept(file, Keys.LARGEST, Keys::kept);
    }

    /** What is the user's own: no lie if it is no such thing. */
    private static <T> T kept(Path file, int most, Function<byte[], T> reader) throws IOException {
        try {
            return read(file, most, reader);
        } catch (Malformed malformed) {
            throw new Unusable(String.valueOf(malformed.getMessage()), malformed);
        }
    }

    private static <T> T read(Path file, int most, Function<byte[], T> reader) throws IOException {
        byte[] bytes;
        try {
            bytes = Bounded.read(Files.newInputStream(file), most, file.toString());
        } catch (NoSuchFileException absent) {
            throw new Unusable("there is no file " + file, absent);
        } catch (Malformed tooLarge) {
            throw tooLarge;
        } catch (IOException unreadable) {
            throw new Unusable("cannot read " + file + ": " + unreadable.getMessage(), unreadable);
        }
        try {
            return reader.apply(bytes);
        } catch (Malformed malformed) {
            throw new Malformed(file + ": " + malformed.getMessage());
        }
    }

    private static void keep(SignedNote note, Path file) throws IOException {
        var beside = Files.createTempFile(file.toAbsolutePath().getParent(), ".checkpoint", "");
        try {
            Files.write(beside, note.bytes());
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(beside);
        }
    }
}
