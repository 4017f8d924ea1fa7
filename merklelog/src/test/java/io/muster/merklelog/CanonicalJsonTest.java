package io.muster.merklelog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.erdtman.jcs.NumberToJSON;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CanonicalJsonTest {
    /** RFC 8785, appendix B. */
    @ParameterizedTest
    @CsvSource({
        "0000000000000000, 0",
        "8000000000000000, 0",
        "0000000000000001, 5e-324",
        "8000000000000001, -5e-324",
        "7fefffffffffffff, 1.7976931348623157e+308",
        "ffefffffffffffff, -1.7976931348623157e+308",
        "4340000000000000, 9007199254740992",
        "c340000000000000, -9007199254740992",
        "4430000000000000, 295147905179352830000",
        "44b52d02c7e14af5, 9.999999999999997e+22",
        "44b52d02c7e14af6, 1e+23",
        "44b52d02c7e14af7, 1.0000000000000001e+23",
        "444b1ae4d6e2ef4e, 999999999999999700000",
        "444b1ae4d6e2ef4f, 999999999999999900000",
        "444b1ae4d6e2ef50, 1e+21",
        "3eb0c6f7a0b5ed8c, 9.999999999999997e-7",
        "3eb0c6f7a0b5ed8d, 0.000001",
        "41b3de4355555553, 333333333.3333332",
        "41b3de4355555554, 333333333.33333325",
        "41b3de4355555555, 333333333.3333333",
        "41b3de4355555556, 333333333.3333334",
        "41b3de4355555557, 333333333.33333343",
        "becbf647612f3696, -0.0000033333333333333333",
        "43143ff3c1cb0959, 1424953923781206.2",
    })
    void numbers_are_those_of_rfc_8785(String bits, String number) {
        assertThat(CanonicalJson.number(Double.longBitsToDouble(Long.parseUnsignedLong(bits, 16))))
                .isEqualTo(number);
        assertThat(canonical(number)).isEqualTo(number);
    }

    @Test
    void any_number_is_written_as_another_implementation_writes_it() throws Exception {
        var random = new Random(8785);
        for (int i = 0; i < 20_000; i++) {
            double value = switch (i % 4) {
                case 0 -> Double.longBitsToDouble(random.nextLong());
                case 1 -> Double.longBitsToDouble(random.nextLong() & 0x000f_ffff_ffff_ffffL >>> random.nextInt(50));
                case 2 -> random.nextInt() / 100.0;
                default -> random.nextLong() >> random.nextInt(60);
            };
            if (Double.isNaN(value) || Double.isInfinite(value)) continue;
            assertThat(CanonicalJson.number(value)).isEqualTo(NumberToJSON.serializeNumber(value));
        }
    }

    @Test
    void a_document_has_one_form() {
        assertThat(canonical(" { \"b\" : [ 1.0, -0, 1e2 ,true,null ] ,\"a\":{ },\"\\u0041\":\"\\/\\u001F\\u007f\" } "))
                .isEqualTo("{\"A\":\"/\\u001f\u007f\",\"a\":{},\"b\":[1,0,100,true,null]}");
        assertThat(canonical("[[],[[]],{\"\":{}}]")).isEqualTo("[[],[[]],{\"\":{}}]");
    }

    @Test
    void what_is_no_json_or_would_change_is_refused() {
        for (var wrong : List.of(
                "",
                "{",
                "[1,",
                "[,1]",
                "[1,]",
                "{\"a\" 1}",
                "{a:1}",
                "[1 2]",
                "1 2",
                "nul",
                "tru",
                "\"x",
                "\"\\u12\"",
                "\"\\x\"",
                "\"\\u\uff11234\"",
                "\"\n\"",
                "01",
                "+1",
                "1.",
                ".5",
                "1e",
                "-",
                "--1",
                "NaN",
                "Infinity",
                "0x1",
                "1d",
                "\ufeff1",
                "{\"a\":1,\"a\":2}",
                "{\"a\":1,\"\\u0061\":2}",
                "\"\\ud83d\"",
                "\"\\ude00\\ud83d\"",
                "1e400",
                "-1e400",
                "9007199254740993",
                "[".repeat(65) + "]".repeat(65),
                "[".repeat(100_000))) {
            assertThatThrownBy(() -> canonical(wrong)).as(wrong).isInstanceOf(Malformed.class);
        }
    }

    private static String canonical(String json) {
        return new String(CanonicalJson.of(json), StandardCharsets.UTF_8);
    }
}
