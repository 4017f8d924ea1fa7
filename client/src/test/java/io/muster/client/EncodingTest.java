package io.muster.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.client.AuditEvent.Status;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class EncodingTest {
    static final UUID ID = UUID.fromString("01957d4e-1c00-7000-8000-000000000001");
    static final UUID SENDER = UUID.fromString("6f1e1d9c-0000-4000-8000-000000000002");

    static JsonNode sent(AuditEvent event) {
        var bytes = Encoding.of(event, new Source.Number(SENDER, 17));
        assertThat(bytes.length).isLessThanOrEqualTo(256 * 1024);
        return new JsonMapper().readTree(bytes);
    }

    static JsonNode detail(Object value) {
        return sent(AuditEvent.of("acme", "a").detail("x", value).build()).at("/details/x");
    }

    @Test
    void an_event_is_sent_with_the_members_of_the_contract_and_the_senders_number() {
        var event = AuditEvent.of("acme", "invoice.pay")
                .eventId(ID)
                .timestamp(Instant.parse("2026-03-01T03:00:00.123456Z"))
                .status(Status.DENIED)
                .userId("anand.k")
                .resource("invoices/4711")
                .ip("192.0.2.7")
                .userAgent("curl/8")
                .service("billing")
                .region("eu-west-1")
                .traceId("4bf92f3577b34da6a3ce929d0e0e4736")
                .subjectId("1234")
                .dataCategories(List.of("pii", "pci"))
                .detail("amount", new BigDecimal("12.50"))
                .build();
        assertThat(sent(event)).isEqualTo(new JsonMapper().readTree("""
                {"eventId":"01957d4e-1c00-7000-8000-000000000001","tenantId":"acme","action":"invoice.pay",
                 "timestamp":"2026-03-01T03:00:00.123Z","status":"DENIED","userId":"anand.k","resource":"invoices/4711",
                 "ip":"192.0.2.7","userAgent":"curl/8","service":"billing","region":"eu-west-1",
                 "traceId":"4bf92f3577b34da6a3ce929d0e0e4736","subjectId":"1234","dataCategories":["pii","pci"],
                 "details":{"_source":{"id":"6f1e1d9c-0000-4000-8000-000000000002","seq":17},"amount":12.50}}"""));
    }

    @Test
    void what_is_not_known_of_an_event_is_not_sent() {
        var event = AuditEvent.of("acme", "a").userId("").ip(" ").build();
        assertThat(sent(event).propertyNames())
                .containsExactly("eventId", "tenantId", "action", "timestamp", "status", "details");
    }

    @Test
    void details_take_what_json_has_and_what_has_one_text() {
        assertThat(detail(null).isNull()).isTrue();
        assertThat(detail(true).toString()).isEqualTo("true");
        assertThat(detail(9007199254740992L).toString()).isEqualTo("9007199254740992");
        assertThat(detail(0.1f).toString()).isEqualTo("0.1");
        assertThat(detail('c').toString()).isEqualTo("\"c\"");
        assertThat(detail(Status.DENIED).toString()).isEqualTo("\"DENIED\"");
        assertThat(detail(ID).toString()).isEqualTo("\"" + ID + "\"");
        assertThat(detail(Instant.EPOCH).toString()).isEqualTo("\"1970-01-01T00:00:00Z\"");
        assertThat(detail(Duration.ofMinutes(1)).toString()).isEqualTo("\"PT1M\"");
        assertThat(detail(new int[] {1, 2}).toString()).isEqualTo("[1,2]");
        assertThat(detail(Map.of("a", List.of("b", Map.of()))).toString()).isEqualTo("{\"a\":[\"b\",{}]}");
        assertThat(detail("\"\\\n\t\u001f€😀").asString()).isEqualTo("\"\\\n\t\u001f€😀");
    }

    @Test
    void a_number_that_readers_of_json_would_change_is_sent_as_text() {
        assertThat(detail(9007199254740993L).toString()).isEqualTo("\"9007199254740993\"");
        assertThat(detail(Double.NaN).toString()).isEqualTo("\"NaN\"");
        assertThat(detail(new BigDecimal("1e400")).toString()).isEqualTo("\"1E+400\"");
    }

    @Test
    void what_a_caller_of_the_application_chose_cannot_make_an_event_that_the_server_refuses() {
        var event = AuditEvent.of("acme", "login")
                .userId("a\0b\ud800c" + "x".repeat(10_000))
                .userAgent("😀".repeat(5_000))
                .detail("n".repeat(5_000), "\udc00\ud83d")
                .build();
        var sent = sent(event);
        assertThat(sent.get("userId").asString())
                .startsWith("a\ufffdb\ufffdcx")
                .endsWith("x…")
                .hasSize(500);
        assertThat(sent.get("userAgent").asString()).hasSize(2000).endsWith("\ufffd…");
        assertThat(sent.at("/details").propertyNames()).allMatch(name -> name.length() <= 200);
        assertThat(sent.at("/details/" + "n".repeat(199) + "…").asString()).isEqualTo("\ufffd\ufffd");
    }

    @Test
    void details_that_are_too_large_or_too_deep_give_way_to_a_word_about_it() {
        var large =
                sent(AuditEvent.of("acme", "a").detail("x", "€".repeat(100_000)).build());
        assertThat(large.at("/details/_cut").asString()).matches("the event had 300\\d{3} bytes; 262144 are allowed");
        assertThat(large.at("/details/_source/seq").asInt()).isEqualTo(17);

        assertThat(detail(nested(14)).isMissingNode()).isFalse();
        var deep = sent(AuditEvent.of("acme", "a").detail("x", nested(15)).build());
        assertThat(deep.at("/details/_cut").asString()).isEqualTo("they were too deep");
        var endless = new ArrayList<Object>();
        endless.add(endless);
        assertThat(sent(AuditEvent.of("acme", "a").detail("x", endless).build())
                        .at("/details")
                        .propertyNames())
                .containsExactly("_source", "_cut");
    }

    private static Object nested(int levels) {
        return IntStream.range(1, levels).boxed().reduce((Object) List.of(), (inner, n) -> List.of(inner), (a, b) -> a);
    }

    @Test
    void what_is_no_json_or_the_senders_own_is_refused_where_the_event_is_made() {
        var builder = AuditEvent.of("acme", "a");
        assertThatThrownBy(() -> builder.detail("x", new Object()).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("got a java.lang.Object");
        assertThatThrownBy(() -> AuditEvent.of("acme", "a").detail("_source", 1).build())
                .hasMessageContaining("choose another name");
        assertThatThrownBy(() -> AuditEvent.of(" ", "a").build()).hasMessage("tenantId must not be empty");
    }

    @Test
    void details_that_change_after_the_event_was_made_do_no_harm() {
        var items = new ArrayList<Object>();
        var event = AuditEvent.of("acme", "a").detail("x", items).build();
        items.add(new Object());
        assertThat(sent(event).at("/details/_cut").asString()).isEqualTo("they changed while they were read");
    }

    @Test
    void an_event_prints_nobodys_name() {
        var event = AuditEvent.of("acme", "a")
                .eventId(ID)
                .userId("anand.k")
                .detail("x", "anand.k")
                .build();
        assertThat(event).hasToString("a SUCCESS (" + ID + ")");
    }

    @Test
    void ids_are_of_version_7_and_grow_with_time() {
        var early = EventId.at(Instant.ofEpochMilli(1_700_000_000_000L));
        var late = EventId.at(Instant.ofEpochMilli(1_700_000_000_001L));
        assertThat(early.version()).isEqualTo(7);
        assertThat(early.variant()).isEqualTo(2);
        assertThat(early.getMostSignificantBits() >>> 16).isEqualTo(1_700_000_000_000L);
        assertThat(early.toString()).isLessThan(late.toString());
    }

    @Test
    void each_tenant_has_its_own_numbers_and_too_many_tenants_begin_anew() {
        var source = new Source(2);
        var first = source.next("acme");
        assertThat(first.seq()).isEqualTo(1);
        assertThat(source.next("globex")).isEqualTo(new Source.Number(first.source(), 1));
        assertThat(source.next("acme")).isEqualTo(new Source.Number(first.source(), 2));
        var anew = source.next("initech");
        assertThat(anew.source()).isNotEqualTo(first.source());
        assertThat(source.next("acme")).isEqualTo(new Source.Number(anew.source(), 1));
    }

    @Test
    void what_is_written_is_read_the_same() {
        var value = new LinkedHashMap<String, Object>();
        value.put("text", "\"\\\u0001é😀");
        value.put("list", List.of(new BigDecimal("-1.5e3"), true, Map.of(), List.of()));
        value.put("null", null);
        var out = new StringBuilder();
        Json.write(out, value, 5);
        assertThat(Json.read(out.toString())).isEqualTo(value);
    }
}
