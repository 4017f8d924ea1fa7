package io.muster.server.audit;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import io.muster.merklelog.Checkpoint;
import io.muster.merklelog.Malformed;
import io.muster.merklelog.Refuted;
import io.muster.merklelog.SignedNote;
import io.muster.merklelog.SignerKey;
import io.muster.server.embedded.DataFolder;
import jakarta.annotation.PreDestroy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The newest checkpoint of each log, outside of the database: a file each, in {@code checkpoints/} of the data folder or where
 * {@code MUSTER_CHECKPOINTS} says. Only by these can be noticed that the database was put back. They are written after the commit, at most
 * once a second each and {@value #MOST} of all a second, in turn: while 1,000 logs grow at once, each is at most 40 s old. A file that
 * cannot be written costs no request. Servers of one database may share the folder: what is written is never smaller than what is there.
 */
@Component
class HeldCheckpoints {

    private static final Logger log = LoggerFactory.getLogger(HeldCheckpoints.class);

    /** Files of one look: each costs a comparison and a signature, about a millisecond, and the processors are for the events. */
    private static final int MOST = 25;

    /** For a folder that another server writes into: a second. */
    private static final int MOST_TRIES = 100;

    private static final Duration PAUSE = Duration.ofMillis(10);

    private static final String END = ".checkpoint";
    private static final Pattern ABOUT =
            Pattern.compile("muster installation=(\\S+) log=(\\d{1,9}) epoch=(\\d{1,9}) tenant=(\\S+)");

    /**
     * @param log its number
     * @param note as it was signed
     */
    record Held(int log, String tenant, int epoch, Checkpoint checkpoint, SignedNote note) {}

    private final Checkpoints checkpoints;
    private final InstantSource clock;
    private final String installation;
    private final Path folder;
    /** In the order in which they began to wait; guarded by itself. */
    private final Map<Integer, LogGrew> grown = new LinkedHashMap<>();

    private volatile @Nullable String trouble;

    HeldCheckpoints(
            @Value("${muster.checkpoints:}") String given,
            DataFolder data,
            JdbcClient db,
            Checkpoints checkpoints,
            InstantSource clock) {
        this.checkpoints = checkpoints;
        this.clock = clock;
        this.installation =
                db.sql("select id from installation").query(String.class).single();
        this.folder = (given.isBlank() ? data.path().resolve("checkpoints") : Path.of(given))
                .toAbsolutePath()
                .normalize()
                .resolve(installation);
    }

    @EventListener
    void on(LogGrew event) {
        if (!TransactionSynchronizationManager.isSynchronizationActive()) { // signed without one: it is stored already
            remember(event);
            return;
        }
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                remember(event);
            }
        });
    }

    private void remember(LogGrew event) {
        synchronized (grown) {
            grown.merge(event.log().id(), event, LogGrew::with);
        }
    }

    boolean isBehind() {
        synchronized (grown) {
            return !grown.isEmpty();
        }
    }

    /** Logs that grew since their files were written, the longest waiting first; not all, if they are many. */
    List<LogGrew> behind() {
        return behind(MOST);
    }

    private List<LogGrew> behind(int most) {
        synchronized (grown) {
            return grown.values().stream().limit(most).toList();
        }
    }

    /** All that has grown, also what there was no time for. */
    @PreDestroy
    void writeAll() {
        write(behind(Integer.MAX_VALUE));
    }

    synchronized void write(List<LogGrew> events) {
        if (events.isEmpty()) return;
        try {
            Files.createDirectories(folder);
            try (var lock = FileChannel.open(folder.resolve("lock"), CREATE, WRITE)) {
                if (!isMine(lock)) return; // the next look tries again
                for (var event : events) {
                    write(event);
                    forget(event);
                }
            }
            if (trouble != null) log.info("checkpoints are held in {} again", folder);
            trouble = null;
        } catch (IOException | RuntimeException failure) {
            if (trouble == null) {
                log.warn(
                        "no checkpoint can be held in {}, so a database that is put back is not noticed: {}",
                        folder,
                        failure.toString());
            }
            trouble = failure.toString();
        }
    }

    /** Whether no other server writes into the shared folder, until the file is closed; else it could lay a smaller checkpoint over a larger one. */
    private static boolean isMine(FileChannel lock) throws IOException {
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            try {
                if (lock.tryLock() != null) return true;
            } catch (OverlappingFileLockException anotherOfThisProcess) {
                // as if it were one of another
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
        return false;
    }

    /** It is not to be written. */
    void forget(LogGrew event) {
        synchronized (grown) {
            grown.remove(event.log().id(), event);
        }
    }

    /** Of one log. */
    Optional<Held> of(int id) {
        try {
            return read(folder.resolve(id + END));
        } catch (IOException unreadable) {
            trouble = unreadable.toString();
            return Optional.empty();
        }
    }

    private void write(LogGrew event) throws IOException {
        var file = folder.resolve(event.log().id() + END);
        var before = read(file);
        if (before.isPresent() && before.get().checkpoint().size() >= event.size())
            return; // another server's, in a shared folder
        var fresh = Files.createTempFile(folder, event.log().id() + ".", ".new");
        try {
            try (var out = FileChannel.open(fresh, WRITE)) {
                var bytes = ByteBuffer.wrap(note(event).bytes());
                while (bytes.hasRemaining()) out.write(bytes);
                out.force(true); // before its name: whole, or not there, also after a power cut
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    /** The extension says whose it is, and is signed as the rest: by Ed25519 alone, which is the quick one. */
    private SignedNote note(LogGrew event) {
        var about = "muster installation=%s log=%d epoch=%d tenant=%s"
                .formatted(
                        installation,
                        event.log().id(),
                        event.log().epoch(),
                        event.log().tenant());
        return new Checkpoint(event.log().origin(), event.size(), event.root(), List.of(about))
                .sign(List.of(checkpoints.keys(event.log()).getFirst()), clock.instant());
    }

    /** Of this installation: those of another database say nothing of this one. Not verified yet. */
    List<Held> all() {
        var all = new ArrayList<Held>();
        try (var files = Files.list(folder)) {
            for (var file : (Iterable<Path>) files.filter(one -> one.toString().endsWith(END))::iterator) {
                read(file).ifPresent(all::add);
            }
        } catch (NoSuchFileException none) {
            return all;
        } catch (IOException unreadable) {
            trouble = unreadable.toString();
            log.warn("the checkpoints in {} cannot be read: {}", folder, unreadable.toString());
        }
        return all;
    }

    private Optional<Held> read(Path file) throws IOException {
        try {
            if (Files.size(file) > 100_000) return Optional.empty();
            var note = SignedNote.parse(Files.readAllBytes(file));
            var checkpoint = Checkpoint.parse(note.text());
            if (checkpoint.extensions().size() != 1) return Optional.empty();
            var about = ABOUT.matcher(checkpoint.extensions().getFirst());
            if (!about.matches() || !about.group(1).equals(installation)) return Optional.empty();
            return Optional.of(new Held(
                    Integer.parseInt(about.group(2)),
                    about.group(4),
                    Integer.parseInt(about.group(3)),
                    checkpoint,
                    note));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        } catch (Malformed half) {
            log.warn("{} is no checkpoint and is not looked at: {}", file, half.getMessage());
            return Optional.empty();
        }
    }

    /** Whether we signed it, with all that it says. */
    boolean isOurs(Held held) {
        var origin = held.checkpoint().origin();
        var keys = checkpoints.keys(origin).stream().map(SignerKey::verifier).toList();
        try {
            return Checkpoint.open(held.note(), origin, keys).equals(held.checkpoint());
        } catch (Refuted | Malformed forged) {
            return false;
        }
    }

    /** Why none can be written at present; null: they can. */
    @Nullable String trouble() {
        return trouble;
    }
}
