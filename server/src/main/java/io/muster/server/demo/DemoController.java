package io.muster.server.demo;

import java.sql.SQLException;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** {@code ./muster demo --break JOB} and {@code --heal JOB}, for the admin of a running demo. */
@RestController
@ConditionalOnProperty(name = "muster.mode", havingValue = "demo")
class DemoController {
    private final Demo demo;

    DemoController(Demo demo) {
        this.demo = demo;
    }

    @PostMapping("/api/v1/demo/{job}/break")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void breakJob(@PathVariable String job) throws SQLException {
        demo.breakJob(job);
    }

    @PostMapping("/api/v1/demo/{job}/heal")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void healJob(@PathVariable String job) throws SQLException {
        demo.healJob(job);
    }
}
