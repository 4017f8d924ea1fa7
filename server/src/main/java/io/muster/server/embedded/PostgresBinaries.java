package io.muster.server.embedded;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.net.JarURLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Locale;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;
import org.springframework.util.FileSystemUtils;

/** Unpacks the PostgreSQL programs that are on the class path, once for each build of them. */
final class PostgresBinaries {
    /** Into {@code home/bin-<checksum>}, by way of a folder that is renamed when complete. Older ones are removed. */
    static Path unpack(Path home) throws IOException {
        var os = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("mac") ? "darwin" : "linux";
        var arch = System.getProperty("os.arch").equals("aarch64") ? "arm_64" : "x86_64";
        var archive = PostgresBinaries.class.getResource("/postgres-" + os + "-" + arch + ".txz");
        if (archive == null) {
            throw new CannotStart("there is no embedded PostgreSQL for " + os + " on " + arch
                    + ": set MUSTER_DATABASE_URL to a PostgreSQL 15 or newer");
        }
        var connection = archive.openConnection();
        var checksum = connection instanceof JarURLConnection jar
                ? jar.getJarEntry().getCrc()
                : connection.getContentLengthLong();
        var wanted = home.resolve("bin-" + HexFormat.of().toHexDigits(checksum, 8));
        try (var found = Files.newDirectoryStream(home, "bin-*")) {
            for (var old : found) {
                if (!old.equals(wanted)) {
                    FileSystemUtils.deleteRecursively(old);
                }
            }
        }
        if (!Files.isDirectory(wanted)) {
            var fresh = Files.createDirectory(home.resolve("bin-new"));
            try (var tar = new TarArchiveInputStream(
                    new XZCompressorInputStream(new BufferedInputStream(connection.getInputStream())))) {
                unpack(tar, fresh);
                Files.move(fresh, wanted, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                FileSystemUtils.deleteRecursively(fresh);
            }
        }
        return wanted.resolve("bin");
    }

    private static void unpack(TarArchiveInputStream tar, Path folder) throws IOException {
        for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
            var file = folder.resolve(entry.getName()).normalize();
            if (!file.startsWith(folder)) {
                throw new IOException("bad name in the archive of PostgreSQL: " + entry.getName());
            }
            if (entry.isDirectory()) {
                Files.createDirectories(file);
                continue;
            }
            Files.createDirectories(file.getParent());
            if (entry.isSymbolicLink()) {
                Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
            } else if (entry.isLink()) {
                Files.createLink(file, folder.resolve(entry.getLinkName()).normalize());
            } else {
                Files.copy(tar, file);
                if ((entry.getMode() & 0100) != 0) {
                    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
                }
            }
        }
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private PostgresBinaries() {}
}
