package io.muster.server.embedded;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The folder with all state of this server. It is locked before anything in it is touched; the operating system frees
 * the lock when the process ends, however it ends. A second server on the same folder gets {@link CannotStart}.
 */
public final class DataFolder implements AutoCloseable {
    /** Closing any channel of a file frees this process's lock on it, so the file is never opened twice in one process. */
    private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final FileChannel lock;

    private DataFolder(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    public static DataFolder open(Path folder) {
        var path = folder.toAbsolutePath().normalize();
        try {
            Files.createDirectories(path, only("rwx------"));
            path = path.toRealPath();
            if (!OPEN.add(path)) {
                throw inUse(path, "this process");
            }
            var file = path.resolve("lock");
            var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (channel.tryLock() == null) {
                channel.close();
                OPEN.remove(path);
                throw inUse(path, "process " + Files.readString(file).strip());
            }
            channel.truncate(0)
                    .write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)));
            return new DataFolder(path, channel);
        } catch (IOException failure) {
            OPEN.remove(path);
            throw new CannotStart(
                    "cannot use the data folder " + path + " (" + failure + "): choose another with --data", failure);
        }
    }

    private static CannotStart inUse(Path path, String owner) {
        return new CannotStart("the data folder " + path + " is in use by another Muster server (" + owner
                + "): stop that one, or choose another folder with --data");
    }

    public Path path() {
        return path;
    }

    /** A random password, made at first use, in a file that only we can read. */
    String password(String name) throws IOException {
        var file = path.resolve("secrets").resolve(name);
        if (!Files.exists(file)) {
            Files.createDirectories(file.getParent(), only("rwx------"));
            var random = new byte[24];
            new SecureRandom().nextBytes(random);
            var fresh = file.resolveSibling(name + ".new");
            Files.deleteIfExists(fresh);
            Files.createFile(fresh, only("rw-------"));
            Files.writeString(fresh, HexFormat.of().formatHex(random));
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        }
        return Files.readString(file).strip();
    }

    static FileAttribute<Set<PosixFilePermission>> only(String permissions) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    }

    @Override
    public void close() throws IOException {
        lock.close();
        OPEN.remove(path);
    }
}
