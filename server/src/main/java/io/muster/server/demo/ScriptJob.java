package io.muster.server.demo;

import io.muster.server.embedded.DataFolder;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code examples/replicate.py}, run by the machine's own Python: a plain ping when it is done, another when it failed.
 *
 * @param python a Python that has {@code requests}; without one its twin here does the same
 * @param service what copies for it, at {@code <service>/<region>}
 */
record ScriptJob(
        String slug, String region, Path script, Optional<String> python, URI service, Saas saas, MusterApi muster)
        implements DemoJob {
    private static final Logger log = LoggerFactory.getLogger(ScriptJob.class);
    private static final int LONGEST_MINUTES = 2;

    static ScriptJob of(String slug, String region, DataFolder folder, URI service, Saas saas, MusterApi muster)
            throws IOException, InterruptedException {
        var script = folder.path().resolve("demo").resolve("replicate.py");
        Files.createDirectories(folder.path().resolve("demo"));
        try (var shipped = ScriptJob.class.getResourceAsStream("/examples/replicate.py")) {
            if (shipped == null) {
                throw new IOException("examples/replicate.py is missing in this build");
            }
            Files.copy(shipped, script, StandardCopyOption.REPLACE_EXISTING);
        }
        var python = pythonWithRequests();
        if (python.isEmpty()) {
            log.warn("no python3 with requests is here: {} is run by its twin in Java", script.getFileName());
        }
        return new ScriptJob(slug, region, script, python, service, saas, muster);
    }

    /** The first Python here that can run the script. */
    static Optional<String> pythonWithRequests() throws InterruptedException {
        for (var candidate : List.of("python3", "/usr/bin/python3")) {
            try {
                var check = new ProcessBuilder(candidate, "-c", "import requests")
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
                if (check.waitFor(30, TimeUnit.SECONDS) && check.exitValue() == 0) {
                    return Optional.of(candidate);
                }
                check.destroyForcibly();
            } catch (IOException absent) {
                log.debug("{} cannot be run: {}", candidate, absent.getMessage());
            }
        }
        return Optional.empty();
    }

    @Override
    public void run(String uuid) throws IOException, InterruptedException {
        if (python.isEmpty()) {
            twin(uuid);
            return;
        }
        var builder = new ProcessBuilder(python.get(), script.toString())
                .redirectErrorStream(true)
                .redirectOutput(script.resolveSibling("replicate.log").toFile());
        builder.environment()
                .putAll(Map.of(
                        "HEARTFLY_REPLICATION_UUID", uuid,
                        "MUSTER_URL", muster.address(),
                        "REPLICATION_URL", service.toString()));
        var process = builder.start();
        try {
            if (!process.waitFor(LONGEST_MINUTES, TimeUnit.MINUTES)) {
                log.warn("{} does not end, and is stopped", script.getFileName());
            }
        } finally {
            process.destroyForcibly();
        }
    }

    private void twin(String uuid) {
        try {
            saas.bringHome(Table.USERS, region);
            muster.ping("/ping/" + uuid, "");
        } catch (SQLException failure) {
            muster.ping("/fail/" + uuid, "");
        }
    }
}
