package io.muster.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A folder for what could not be delivered yet. It holds ids of checks and output of jobs, so nobody else may look into
 * it. One folder below it for each check.
 */
final class Spool {
    /**
     * How much waits at most; what is too much goes oldest first.
     *
     * @param age of a report after which nobody needs it any more
     */
    record Bounds(int reports, long bytes, Duration age) {
        static final Bounds ORDINARY = new Bounds(1_000, 16L << 20, Duration.ofDays(7));
    }

    private static final int UID_OF_ROOT = 0;
    private static final String FOR_OTHERS = "---rwxrwx";

    private final Path folder;
    private final Bounds bounds;
    private final Map<Path, Shelf> shelves = new HashMap<>(); // guarded by itself

    private Spool(Path folder, Bounds bounds) {
        this.folder = folder;
        this.bounds = bounds;
    }

    /** {@code /var/spool/muster} for root; else where the user's programs keep what they must not lose. */
    static Path ordinaryFolder(Map<String, String> environment) {
        if (Integer.valueOf(UID_OF_ROOT).equals(uid(Path.of("/proc/self")))
                || "root".equals(System.getProperty("user.name"))) {
            return Path.of("/var/spool/muster");
        }
        var state = environment.getOrDefault("XDG_STATE_HOME", "");
        return state.startsWith("/")
                ? Path.of(state, "muster", "spool")
                : Path.of(System.getProperty("user.home"), ".local", "state", "muster", "spool");
    }

    /** Makes the folder if need be. One that others may read, or that is somebody else's, is refused. */
    static Spool open(Path folder, Bounds bounds) throws IOException {
        try {
            create(folder);
            var others = Files.getPosixFilePermissions(folder);
            others.retainAll(PosixFilePermissions.fromString(FOR_OTHERS));
            if (!others.isEmpty()) {
                throw new IOException("others may look into it: chmod 700 " + folder);
            }
            var we = uid(Path.of("/proc/self"));
            if (we != null && !we.equals(uid(folder))) {
                throw new IOException("it belongs to another user: name one of your own with --spool");
            }
            if (!Files.isWritable(folder)) {
                throw new IOException("it cannot be written: name another with --spool");
            }
            return new Spool(folder, bounds);
        } catch (AccessDeniedException denied) {
            throw new IOException("this user may not make it: name another with --spool", denied);
        } catch (FileSystemException failure) {
            throw new IOException(
                    failure.getReason() == null ? "it is no folder: name another with --spool" : failure.getReason(),
                    failure);
        }
    }

    private static void create(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder.toAbsolutePath().getParent());
            try {
                Files.createDirectory(
                        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            } catch (FileAlreadyExistsException meanwhile) {
                if (!Files.isDirectory(folder)) {
                    throw meanwhile;
                }
            }
        }
    }

    private static @Nullable Object uid(Path file) {
        try {
            return Files.getAttribute(file, "unix:uid");
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException unknown) {
            return null;
        }
    }

    Path folder() {
        return folder;
    }

    Shelf shelf(Address of) throws IOException {
        var name = UUID.nameUUIDFromBytes(of.line().getBytes(StandardCharsets.UTF_8));
        return shelf(folder.resolve(name.toString()));
    }

    private Shelf shelf(Path path) throws IOException {
        synchronized (shelves) {
            var known = shelves.get(path);
            if (known == null) {
                create(path);
                known = new Shelf(path);
                shelves.put(path, known);
            }
            return known;
        }
    }

    /** Of all checks. */
    List<Shelf> shelves() throws IOException {
        var found = new ArrayList<Shelf>();
        try (var all = Files.list(folder)) {
            for (var path : all.filter(Files::isDirectory).sorted().toList()) {
                found.add(shelf(path));
            }
        }
        return found;
    }

    /** What waits, of all checks. */
    record Held(int reports, long bytes, int corrupt) {}

    Held held() throws IOException {
        int reports = 0;
        long bytes = 0;
        int corrupt = 0;
        for (var shelf : shelves()) {
            for (var file : shelf.files(Shelf.REPORT)) {
                reports++;
                bytes += size(file);
            }
            corrupt += shelf.files(Shelf.CORRUPT).size();
        }
        return new Held(reports, bytes, corrupt);
    }

    /** Drops what is too old, then the oldest of what is too much; says how many reports that were. */
    int trim(Instant now) throws IOException {
        record Waiting(Path file, long bytes, Instant since) {}
        var waiting = new ArrayList<Waiting>();
        for (var shelf : shelves()) {
            for (var file : shelf.files("")) {
                var since = since(file, now);
                if (Shelf.isLitter(file, Duration.between(since, now))) {
                    Files.deleteIfExists(file);
                } else if (file.toString().endsWith(Shelf.REPORT)
                        || file.toString().endsWith(Shelf.CORRUPT)) {
                    waiting.add(new Waiting(file, size(file), since));
                }
            }
        }
        waiting.sort(Comparator.comparing(Waiting::since).thenComparing(Waiting::file));
        long bytes = waiting.stream().mapToLong(Waiting::bytes).sum();
        int count = waiting.size();
        int dropped = 0;
        for (var oldest : waiting) {
            boolean old = oldest.since().isBefore(now.minus(bounds.age()));
            if (!old && count <= bounds.reports() && bytes <= bounds.bytes()) {
                break;
            }
            if (Files.deleteIfExists(oldest.file()) && oldest.file().toString().endsWith(Shelf.REPORT)) {
                dropped++;
            }
            count--;
            bytes -= oldest.bytes();
        }
        return dropped;
    }

    String bounds() {
        return "%d reports, %d MB, %d days"
                .formatted(bounds.reports(), bounds.bytes() >> 20, bounds.age().toDays());
    }

    private static Instant since(Path file, Instant now) throws IOException {
        try {
            return Files.getLastModifiedTime(file).toInstant();
        } catch (NoSuchFileException gone) {
            return now;
        }
    }

    private static long size(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException gone) {
            return 0;
        }
    }
}
