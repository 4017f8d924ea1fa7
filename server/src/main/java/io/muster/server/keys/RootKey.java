package io.muster.server.keys;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.muster.server.embedded.CannotStart;
import io.muster.server.embedded.DataFolder;
import io.muster.server.problem.Refused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The one secret from which all keys derive: 32 bytes, from where {@code MUSTER_ROOT_KEY} points (a given secret, or a key service that
 * opens one), else from the file
 * {@code secrets/root} of the data folder, made at the first start. The database remembers which one it was made with: a
 * server with another could open nothing in it, so it does not start.
 */
@Component
public final class RootKey {

    private final byte[] bytes;

    RootKey(
            @Value("${muster.root-key:}") String reference,
            DataFolder folder,
            Secrets secrets,
            WrappedRootKey wrapped,
            JdbcClient db) {
        var remembered = db.sql("select fingerprint from secret_check")
                .query(String.class)
                .optional();
        bytes = reference.isBlank()
                ? own(folder.path().resolve("secrets").resolve("root"), remembered)
                : given(reference, secrets, wrapped);
        var fingerprint = fingerprint(bytes);
        if (remembered.isEmpty()) {
            db.sql("insert into secret_check (fingerprint) values (:fingerprint) on conflict do nothing")
                    .param("fingerprint", fingerprint)
                    .update();
        }
        var kept = db.sql("select fingerprint from secret_check")
                .query(String.class)
                .single();
        if (!kept.equals(fingerprint)) throw notTheDatabases();
    }

    /** Who holds this can open whatever is sealed. */
    byte[] bytes() {
        return bytes;
    }

    @Override
    public String toString() {
        return "***";
    }

    private static byte[] given(String reference, Secrets secrets, WrappedRootKey wrapped) {
        if (WrappedRootKey.isMeantBy(reference)) {
            return decode(wrapped.open(reference), "what the key service opened");
        }
        try {
            var text = secrets.resolve(new SecretRef(reference))
                    .orElseThrow(() -> new CannotStart("MUSTER_ROOT_KEY names " + reference + ", which is not given"));
            return decode(text, "MUSTER_ROOT_KEY, " + reference + ",");
        } catch (Refused refused) {
            throw new CannotStart("MUSTER_ROOT_KEY " + refused.getMessage());
        }
    }

    private static byte[] own(Path file, Optional<String> remembered) {
        try {
            if (!Files.exists(file)) {
                if (remembered.isPresent()) throw notTheDatabases();
                var fresh = new byte[32];
                new SecureRandom().nextBytes(fresh);
                write(file, Base64.getEncoder().encodeToString(fresh) + "\n");
            }
            return decode(Files.readString(file, US_ASCII), "the file " + file);
        } catch (IOException failure) {
            throw new CannotStart("cannot use the root key in " + file + ": " + failure, failure);
        }
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(
                file.getParent(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        var fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(fresh, text, US_ASCII);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static byte[] decode(String text, String where) {
        try {
            var bytes = Base64.getDecoder().decode(text.strip());
            if (bytes.length == 32) return bytes;
        } catch (IllegalArgumentException notBase64) {
            // told below
        }
        throw new CannotStart(where + " must hold 32 bytes in base64, as `openssl rand -base64 32` prints");
    }

    private static CannotStart notTheDatabases() {
        return new CannotStart("the root key of this server is not the one that the database was made with: set"
                + " MUSTER_ROOT_KEY to that one, or bring back the file secrets/root of the data folder");
    }

    private static String fingerprint(byte[] key) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            digest.update("muster root key ".getBytes(US_ASCII));
            return HexFormat.of().formatHex(digest.digest(key));
        } catch (java.security.NoSuchAlgorithmException absent) {
            throw new IllegalStateException(absent);
        }
    }
}
