package io.muster.server.embedded;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs PostgreSQL's programs as somebody who is not root, because PostgreSQL refuses root.
 *
 * @param prefix what to put before a command
 * @param uid whom the database's files must belong to
 */
record Programs(Path home, List<String> prefix, long uid) {
    private static final Logger log = LoggerFactory.getLogger(Programs.class);

    /**
     * As an ordinary user: as oneself. As root: as the account {@code muster} if there is one, else {@code nobody}; where
     * that account cannot reach the folder (say, below /root), in a user namespace, in which files stay root's.
     */
    static Programs in(Path home) throws IOException {
        long self = new UnixSystem().getUid();
        var plain = new Programs(home, List.of(), self);
        if (self != 0) {
            return plain;
        }
        var folder = Files.getPosixFilePermissions(home.getParent());
        folder.add(PosixFilePermission.OTHERS_EXECUTE); // may pass through, may not list
        Files.setPosixFilePermissions(home.getParent(), folder);
        folder.add(PosixFilePermission.GROUP_EXECUTE);
        Files.setPosixFilePermissions(home, folder);
        var account = plain.succeeds("id", "-u", "muster") ? "muster" : "nobody";
        var uid = plain.output("id", "-u", account);
        var dropped = List.of(
                "setpriv",
                "--reuid=" + uid,
                "--regid=" + plain.output("id", "-g", account),
                "--clear-groups",
                "--no-new-privs");
        var asAccount = new Programs(home, dropped, Long.parseLong(uid));
        if (asAccount.succeeds("test", "-x", home.toString())) {
            return asAccount;
        }
        var inNamespace = new Programs(home, List.of("unshare", "--user"), 0);
        if (inNamespace.succeeds("true")) {
            log.warn(
                    "{} cannot reach {}: PostgreSQL runs in a user namespace instead, its files stay root's",
                    account,
                    home);
            return inNamespace;
        }
        throw new CannotStart("PostgreSQL does not run as root, and the account " + account + " cannot reach " + home
                + ": choose a folder like /var/lib/muster with --data, or start as another user");
    }

    /** The same command, to be run by that user. */
    ProcessBuilder builder(List<String> command) {
        var whole = new ArrayList<>(prefix);
        whole.addAll(command);
        var builder = new ProcessBuilder(whole).directory(home.toFile()).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("PG") || name.startsWith("LC_"));
        builder.environment().put("LC_ALL", "C");
        return builder;
    }

    /** Gives a file or folder, with all in it, to that user; only root needs to and can. */
    void own(Path file) throws IOException {
        if (new UnixSystem().getUid() == 0 && ((Number) Files.getAttribute(file, "unix:uid")).longValue() != uid) {
            var self = new Programs(home, List.of(), 0);
            self.output("chown", "-R", Long.toString(uid), file.toString());
        }
    }

    boolean succeeds(String... command) {
        try {
            output(command);
            return true;
        } catch (IOException failure) {
            return false;
        }
    }

    /** What the command prints; an {@link IOException} with it when the command fails. */
    String output(String... command) throws IOException {
        var process = builder(List.of(command)).start();
        process.getOutputStream().close();
        try (var printed = process.inputReader()) {
            var text = printed.readAllAsString().strip();
            if (process.waitFor(1, TimeUnit.MINUTES) && process.exitValue() == 0) {
                return text;
            }
            throw new IOException(Path.of(command[0]).getFileName() + " failed: " + text);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", interrupted);
        } finally {
            process.destroyForcibly();
        }
    }
}
