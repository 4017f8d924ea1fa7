package io.muster.server.access;

import io.muster.server.access.ApiKeys.ApiKey;
import io.muster.server.access.ApiKeys.May;
import io.muster.server.embedded.CannotStart;
import io.muster.server.embedded.DataFolder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.UUID;
import org.springframework.stereotype.Component;

/**
 * The file {@code admin.key} of the data folder: whoever can read the folder may do all. A database that does not know the
 * key in it learns it at the start; where the file is gone a new key replaces the one that was in it.
 */
@Component
class AdminKey {

    private final String key;

    AdminKey(DataFolder folder, ApiKeys keys, InstantSource clock) {
        var file = folder.path().resolve("admin.key");
        try {
            if (!Files.exists(file)) write(file, keys.fresh(May.ADMIN) + "\n");
            key = Files.readString(file, StandardCharsets.US_ASCII).strip();
            if (!ApiKeys.FORM.matcher(key).matches()) {
                throw new CannotStart("the file " + file
                        + " does not hold a key of Muster: remove it, and the next start" + " makes a new one");
            }
            if (keys.match(key).filter(known -> known.may() == May.ADMIN).isEmpty()) {
                keys.store(
                        new ApiKey(
                                id(folder),
                                "admin.key",
                                May.ADMIN,
                                Project.DEFAULT,
                                null,
                                "",
                                clock.instant(),
                                Caller.MUSTER.name(),
                                null,
                                null),
                        key);
            }
        } catch (IOException failure) {
            throw new CannotStart("cannot use the file " + file + ": " + failure, failure);
        }
    }

    /** Known without asking the database. */
    boolean is(String given) {
        return MessageDigest.isEqual(key.getBytes(StandardCharsets.US_ASCII), given.getBytes(StandardCharsets.UTF_8));
    }

    /** Whoever sends it, from where {@code nobody} called. */
    static Caller caller(Caller nobody) {
        return new Caller(
                Caller.Kind.KEY, "admin.key", true, true, true, Project.DEFAULT, null, nobody.ip(), nobody.userAgent());
    }

    /** One for each data folder, as several servers may share a database. */
    private static String id(DataFolder folder) throws UnknownHostException {
        var where = InetAddress.getLocalHost().getHostName() + ":" + folder.path();
        return "admin-"
                + UUID.nameUUIDFromBytes(where.getBytes(StandardCharsets.UTF_8))
                        .toString()
                        .substring(0, 8);
    }

    private static void write(Path file, String text) throws IOException {
        var fresh = file.resolveSibling("admin.key.new");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(fresh, text, StandardCharsets.US_ASCII);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
