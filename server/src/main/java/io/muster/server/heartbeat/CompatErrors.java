package io.muster.server.heartbeat;

import static io.muster.server.heartbeat.CompatCalls.methods;
import static io.muster.server.heartbeat.CompatCalls.ok;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Map;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** Errors of the compatible API go back as its clients know them. */
@RestControllerAdvice(assignableTypes = {CompatController.class, CompatHistory.class})
class CompatErrors {

    @ExceptionHandler
    ResponseEntity<?> handle(CompatError error, HttpServletRequest request) {
        var answer = ok(error.status(), Map.of("error", String.valueOf(error.getMessage())), request);
        if (error.status() != 405) return answer;
        return ResponseEntity.status(405)
                .headers(answer.getHeaders())
                .header(HttpHeaders.ALLOW, methods(request) + ", OPTIONS")
                .body(answer.getBody());
    }
}
