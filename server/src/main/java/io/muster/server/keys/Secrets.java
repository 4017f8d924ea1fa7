package io.muster.server.keys;

import io.muster.server.embedded.CannotStart;
import io.muster.server.embedded.DataFolder;
import io.muster.server.embedded.ReadFirst;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** Finds the secrets that references name. Read anew each time, so a rotated one is used at once. */
@ReadFirst
@Component
public class Secrets {

    private static final Logger log = LoggerFactory.getLogger(Secrets.class);
    private static final int LARGEST = 64 << 10;

    private final Environment environment;
    private final Path folder;
    private final Path own;

    Secrets(@Value("${muster.secrets:}") String given, DataFolder data, Environment environment) {
        this.environment = environment;
        this.own = data.path().resolve("secrets");
        this.folder = (given.isBlank() ? data.path().resolve("given-secrets") : Path.of(given))
                .toAbsolutePath()
                .normalize();
        if (folder.startsWith(own)) {
            throw new CannotStart("MUSTER_SECRETS must not be Muster's own folder " + own + ": choose another");
        }
    }

    /** The secret, without a line end at its end; empty if it is not given. */
    public Optional<String> resolve(SecretRef secret) {
        var name = secret.reference().substring(secret.reference().indexOf(':') + 1);
        return secret.reference().startsWith("env:")
                ? Optional.ofNullable(environment.getProperty(name))
                : read(folder.resolve(name));
    }

    /** What to say, and to whom to say it, when {@link #resolve} finds nothing. */
    public String missing(SecretRef secret) {
        return secret.reference().startsWith("env:")
                ? "the environment of the server has no " + secret.reference().substring(4)
                : "the folder " + folder + " has no readable file "
                        + secret.reference().substring(5);
    }

    /** A link may lead elsewhere, as those of Kubernetes do; not to Muster's own secrets. */
    private Optional<String> read(Path file) {
        try {
            var real = file.toRealPath();
            if (real.startsWith(own) || !Files.isRegularFile(real) || Files.size(real) > LARGEST)
                return Optional.empty();
            return Optional.of(Files.readString(real, StandardCharsets.UTF_8).replaceFirst("\\R\\z", ""));
        } catch (NoSuchFileException absent) {
            return Optional.empty();
        } catch (IOException unreadable) {
            log.warn("the secret file {} cannot be read: {}", file, unreadable.toString());
            return Optional.empty();
        }
    }
}
