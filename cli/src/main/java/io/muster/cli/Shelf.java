package io.muster.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the spool holds of one check, in a folder of its own: reports that were not delivered yet, in their order, and a
 * mark for each run that is going on. Whoever delivers holds the folder's lock, so nothing is sent twice at a time.
 */
final class Shelf {
    static final String REPORT = ".report";
    static final String RUN = ".run";
    static final String CORRUPT = ".corrupt";

    private static final String TEMPORARY = ".tmp";
    private static final int LONGEST_FILE = Report.LONGEST_BODY + 10_000;
    private static final FileAttribute<Set<PosixFilePermission>> OURS_ALONE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    /** A report that waits. */
    record Kept(Path file, Report report) {}

    private final Path folder;
    private final Semaphore ofThisProcess = new Semaphore(1); // locks of files do not keep our own threads apart

    Shelf(Path folder) {
        this.folder = folder;
    }

    /** The right to deliver this check's reports. */
    record Hold(Shelf shelf, FileChannel file) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            file.close();
            shelf.ofThisProcess.release();
        }
    }

    /** Waits for it as long as {@code patience} lasts; empty if somebody else still has it then. */
    Optional<Hold> hold(Patience patience) throws IOException {
        try {
            if (!ofThisProcess.tryAcquire(patience.left().toMillis(), TimeUnit.MILLISECONDS)) {
                return Optional.empty();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
        FileChannel file = null;
        boolean held = false;
        try {
            file = open(folder.resolve("lock"), StandardOpenOption.CREATE);
            held = file.tryLock() != null;
            while (!held && patience.pause(Duration.ofMillis(50))) {
                held = file.tryLock() != null;
            }
            return held ? Optional.of(new Hold(this, file)) : Optional.empty();
        } finally {
            if (!held) {
                if (file != null) file.close();
                ofThisProcess.release();
            }
        }
    }

    /** After all that wait already. What is here then outlasts a crash of the machine. */
    void keep(Report report, Instant now) throws IOException {
        var written = write(report);
        try (var file = FileChannel.open(written, StandardOpenOption.WRITE)) {
            file.force(true);
        }
        move(written, now, report.rid());
        try (var entries = FileChannel.open(folder, StandardOpenOption.READ)) {
            entries.force(true);
        }
    }

    private Path write(Report report) throws IOException {
        var file = folder.resolve(UUID.randomUUID() + TEMPORARY);
        try (var channel = open(file, StandardOpenOption.CREATE_NEW)) {
            var bytes = ByteBuffer.wrap(report.toBytes());
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException failure) {
            Files.deleteIfExists(file);
            throw failure;
        }
        return file;
    }

    /** Later in the order than all that wait, also when the clock was set back. */
    private void move(Path file, Instant now, @Nullable UUID rid) throws IOException {
        var last = files(REPORT).stream().reduce((_, next) -> next);
        long after = last.map(name -> number(name) + 1).orElse(0L);
        var name = "%013d-%s%s"
                .formatted(Math.max(now.toEpochMilli(), after), rid == null ? UUID.randomUUID() : rid, REPORT);
        Files.move(file, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    private static long number(Path file) {
        try {
            return Long.parseLong(file.getFileName().toString().split("-")[0]);
        } catch (NumberFormatException foreign) {
            return 0;
        }
    }

    /** Oldest first. What is no whole report is set aside, and counted in {@code corrupt}. */
    List<Kept> kept(List<Path> corrupt) throws IOException {
        var kept = new ArrayList<Kept>();
        for (var file : files(REPORT)) {
            try {
                if (Files.size(file) > LONGEST_FILE) {
                    throw new IllegalArgumentException("too long");
                }
                kept.add(new Kept(file, Report.ofBytes(Files.readAllBytes(file))));
            } catch (IllegalArgumentException wrong) {
                var aside = file.resolveSibling(file.getFileName() + CORRUPT);
                Files.move(file, aside, StandardCopyOption.ATOMIC_MOVE);
                corrupt.add(aside);
            }
        }
        return kept;
    }

    void remove(Kept kept) throws IOException {
        Files.deleteIfExists(kept.file());
    }

    /** The names in their order; those of other kinds are left out. */
    List<Path> files(String kind) throws IOException {
        try (var all = Files.list(folder)) {
            return all.filter(file -> file.getFileName().toString().endsWith(kind))
                    .sorted()
                    .toList();
        }
    }

    // ---- runs that are going on ----

    /** The mark of a run. As long as this process lives it is locked; whoever finds it unlocked knows that we were killed. */
    record Run(Path file, FileChannel locked) {
        /** The run's end is on its way. */
        void end() throws IOException {
            Files.deleteIfExists(file);
            locked.close();
        }
    }

    /** @param ifKilled what is reported of the run when this process never comes to say more */
    Run begin(Report ifKilled) throws IOException {
        var written = write(ifKilled);
        var channel = FileChannel.open(written, StandardOpenOption.WRITE);
        var unused = channel.lock(); // before others can see the file
        var file = folder.resolve(ifKilled.rid() + RUN);
        Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
        return new Run(file, channel);
    }

    /** Makes reports of the marks whose processes are gone; says how many. For whoever holds this shelf. */
    int adoptLost(Instant now, @Nullable Run ours) throws IOException {
        int lost = 0;
        for (var file : files(RUN)) {
            if (ours != null && ours.file().equals(file)) {
                continue; // closing it would unlock it
            }
            try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                FileLock lock = channel.tryLock();
                if (lock != null && Files.exists(file)) {
                    move(file, now, null);
                    lost++;
                }
            } catch (NoSuchFileException ended) {
                // meanwhile, as it should
            }
        }
        return lost;
    }

    private static FileChannel open(Path file, StandardOpenOption how) throws IOException {
        return FileChannel.open(file, Set.of(how, StandardOpenOption.WRITE), OURS_ALONE);
    }

    /** What killed writers left. */
    static boolean isLitter(Path file, Duration age) {
        return file.getFileName().toString().endsWith(TEMPORARY) && age.compareTo(Duration.ofHours(1)) > 0;
    }

    @Override
    public String toString() {
        return folder.toString();
    }
}
