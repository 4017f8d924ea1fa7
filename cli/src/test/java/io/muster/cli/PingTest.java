package io.muster.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PingTest {
    private static final String ID = "31365bce-8da9-4729-8ff3-aaa71d56b712";

    private final List<String> seen = new ArrayList<>();
    private final StringWriter err = new StringWriter();
    private HttpServer http;
    private int status = 200;

    @BeforeEach
    void start() throws IOException {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.createContext("/", exchange -> {
            seen.add((exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                            + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8))
                    .strip());
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        });
        http.start();
    }

    @AfterEach
    void stop() {
        http.stop(0);
    }

    @Test
    void each_kind_of_report_has_its_option() {
        assertEquals(0, ping(ID));
        assertEquals(0, ping("--start", ID));
        assertEquals(0, ping(ID, "--fail"));
        assertEquals(0, ping("--log", ID, "-m", "half way: 50 %"));
        assertEquals(0, ping("--exit-code", "0", ID));
        assertEquals(0, ping("--exit-code=137", ID, "--message", "killed"));
        assertEquals(0, ping("a1b2c3d4e5f6g7h8i9j0k1/nightly", "--fail"));
        assertEquals(
                List.of(
                        "GET /ping/" + ID,
                        "GET /ping/" + ID + "/start",
                        "GET /ping/" + ID + "/fail",
                        "POST /ping/" + ID + "/log half way: 50 %",
                        "GET /ping/" + ID + "/0",
                        "POST /ping/" + ID + "/137 killed",
                        "GET /ping/a1b2c3d4e5f6g7h8i9j0k1/nightly/fail"),
                seen);
    }

    @Test
    void wrong_usage_is_2_and_reports_nothing() {
        assertEquals(2, ping("--fail", "--start", ID));
        assertEquals(2, ping("--fail", "--exit-code", "1", ID));
        assertEquals(2, ping("--exit-code", "256", ID));
        assertTrue(err.toString().contains("--exit-code must be from 0 to 255; got 256"), err.toString());
        assertEquals(2, ping("--exit-code", "-1", ID));
        assertEquals(2, ping("--exit-code", "x", ID));
        assertEquals(2, ping("../api/v1/keys"));
        assertEquals(2, ping("no such id"));
        assertEquals(List.of(), seen);
    }

    @Test
    void what_was_not_recorded_is_1_and_one_line_that_says_what_to_do() {
        status = 404;
        assertEquals(1, ping(ID, "--fail"));
        status = 409;
        assertEquals(1, ping("key/slug"));
        status = 503;
        assertEquals(1, ping(ID));
        assertEquals("""
                muster: no check has this id: the page of the check shows it
                muster: several checks have this slug: use the uuid of the one
                muster: the server answered 503: nothing was recorded
                """, err.toString());
    }

    private int ping(String... arguments) {
        var all = new ArrayList<>(List.of(
                "ping", "--server", "http://127.0.0.1:" + http.getAddress().getPort()));
        all.addAll(List.of(arguments));
        return MusterCli.commandLine().setErr(new PrintWriter(err, true)).execute(all.toArray(String[]::new));
    }
}
