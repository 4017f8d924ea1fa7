package io.muster.server.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.testing.Http;
import io.muster.server.testing.ServerProcess;
import io.muster.server.testing.ServerTest;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** {@code examples/replicate.py}, run by a real Python against a real server, with nothing changed but the host. */
@ServerTest
class ReplicateScriptTest {
    @Autowired
    Http http;

    private String uuid;

    @BeforeEach
    void declareTheJob() {
        var job = http.put("/api/v1/jobs/users-to-eu", """
                {"name": "users to EU", "every": "P1D", "grace": "PT1H"}
                """);
        assertThat(job.status()).isIn(200, 201);
        uuid = job.json().path("uuid").asString();
    }

    @Test
    void a_run_that_works_pings_and_the_job_is_up() throws Exception {
        assertThat(run(Map.of())).isZero();
        assertThat(status()).isEqualTo("up");
    }

    @Test
    void a_run_that_fails_says_so_and_the_job_is_down() throws Exception {
        var nobody = "http://127.0.0.1:" + ServerProcess.freePort() + "/replicate";
        assertThat(run(Map.of("REPLICATION_URL", nobody))).isEqualTo(1);
        assertThat(status()).isEqualTo("down");
    }

    private String status() {
        return http.get("/api/v1/jobs/users-to-eu").json().path("status").asString();
    }

    private int run(Map<String, String> environment) throws Exception {
        var python = ScriptJob.pythonWithRequests().orElseThrow();
        var builder = new ProcessBuilder(
                        python, Path.of("../examples/replicate.py").toString())
                .redirectErrorStream(true)
                .redirectOutput(Path.of("target/replicate.log").toFile());
        builder.environment().putAll(environment);
        builder.environment().putAll(Map.of("HEARTFLY_REPLICATION_UUID", uuid, "MUSTER_URL", http.base()));
        var process = builder.start();
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        return process.exitValue();
    }
}
