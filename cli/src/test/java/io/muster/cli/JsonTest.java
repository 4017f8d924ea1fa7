package io.muster.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {
    @Test
    void what_a_server_writes_is_read() {
        var list = Arrays.asList(new BigDecimal("1"), new BigDecimal("-2.5e3"), true, null, "x\"\né");
        assertEquals(
                Map.of("a", list, "b", Map.of()),
                Json.parse(" {\"a\": [1,-2.5e3 , true,null,\"x\\\"\\n\\u00e9\"], \"b\":{}}\n"));
        assertEquals(List.of(), Json.parse("[]"));
    }

    @Test
    void what_is_no_json_is_refused() {
        for (var wrong :
                List.of("", "{", "[1,", "{\"a\" 1}", "[1 2]", "nul", "\"x", "\"\\u12", "<html>", "1 2", "[,1]")) {
            assertThrows(IllegalArgumentException.class, () -> Json.parse(wrong), wrong);
        }
        assertThrows(IllegalArgumentException.class, () -> Json.parse("[".repeat(5000)));
    }
}
