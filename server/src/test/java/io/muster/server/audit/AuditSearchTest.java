package io.muster.server.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.access.Access;
import io.muster.server.access.Caller;
import io.muster.server.deadline.PassingTime;
import io.muster.server.testing.Http;
import io.muster.server.testing.Http.Answer;
import io.muster.server.testing.Owner;
import io.muster.server.testing.ServerTest;
import io.muster.server.testing.Story;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.transaction.support.TransactionTemplate;

@ServerTest
class AuditSearchTest {
    private static final String PATH = "/api/v1/audit";

    @Autowired
    Http http;

    @Autowired
    TestEvents events;

    @Autowired
    PassingTime time;

    @Autowired
    JdbcClient db;

    @Autowired
    AuditSearch search;

    @Autowired
    EventPlaces places;

    @Autowired
    TileWords tileWords;

    @Autowired
    Logs logs;

    @Autowired
    Access access;

    @Autowired
    TransactionTemplate transaction;

    @BeforeEach
    void tenants() {
        new Story(http, db, time.now()).tell();
    }

    @AfterEach
    void nobodyCalls() {
        SecurityContextHolder.clearContext();
    }

    @Test
    void each_term_finds_what_it_names_and_nothing_else() {
        events.sent("montclair", """
                "userId":"anand.k","action":"user.update","resource":"/users/1234","ip":"10.0.0.1","userAgent":"Firefox",
                "service":"crm","subjectId":"patient-7","details":{"a":1}""");
        events.sent("montclair", """
                "userId":"lin","action":"user.delete","resource":"/users/99","status":"DENIED","ip":"10.0.0.2","userAgent":"curl",
                "service":"billing\"""");
        events.sent("montclair", """
                "action":"job.run","resource":"/jobs/%_x","status":"FAILURE","subjectId":"anand.k\"""");
        events.sent("redwood", """
                "userId":"anand.k","action":"user.update","resource":"/users/1234","ip":"10.0.0.1\"""");
        finds("", 2, 1, 0);
        finds("userId=anand.k", 0);
        finds("userId=nobody");
        finds("userId=ANAND.K");
        finds("subjectId=patient-7", 0);
        finds("subjectId=anand.k", 2);
        finds("subjectId=lin", 1);
        finds("userId=anand.k&subjectId=patient-7", 0);
        finds("userId=lin&subjectId=patient-7");
        finds("action=user.update", 0);
        finds("action=user.*", 1, 0);
        finds("action=user.*&action=job.run", 2, 1, 0);
        finds("action=user.update&action=user.delete&status=DENIED", 1);
        finds("action=user");
        finds("action=*", 2, 1, 0);
        finds("resource=/users/1234", 0);
        finds("resource=/users/*", 1, 0);
        finds("resource=/jobs/%25_x", 2);
        finds("resource=/jobs/%25*", 2);
        finds("resource=/%25*");
        finds("service=crm", 0);
        finds("status=SUCCESS", 0);
        finds("status=DENIED", 1);
        finds("status=FAILURE&service=crm");
        finds("ip=10.0.0.1", 0);
        finds("ip=10.0.0.3");
        finds("userAgent=curl", 1);
        finds("userAgent=curl&ip=10.0.0.1");
        finds("q=USERS", 1, 0);
        finds("q=users+1234", 0);
        finds("q=users+run");
        finds("q=user.update", 0);
        finds("archive=true&tz=Europe/Berlin&dateRange=last1hour&userId=lin", 1);
    }

    @Test
    void ranges_are_of_the_time_of_receipt_and_timestamps_are_the_senders() {
        events.sent(events.event("montclair", "\"action\":\"a\"", "2026-01-10T12:00:00Z"));
        time.passes(Duration.ofDays(3));
        events.sent(events.event("montclair", "\"action\":\"b\"", "2026-03-04T02:00:00Z"));
        time.passes(Duration.ofHours(1));
        finds("", 1, 0);
        finds("dateRange=last1days", 1);
        finds("dateRange=last90minutes", 1);
        finds("dateRange=last4days", 1, 0);
        finds("dateRange=today", 1);
        finds("dateRange=yesterday");
        finds("dateRange=2026-02-28/2026-02-28&tz=America/Los_Angeles", 0); // there it was the evening before
        finds("dateRange=2026-02-28/2026-02-28");
        finds("dateRange=2026-03-01/2026-03-01", 0);
        finds("dateRange=2026-03-01/P3D", 0);
        finds("dateRange=2026-03-01T03:00:00Z/2026-03-01T03:00:00.001Z", 0);
        finds("dateRange=P1D/2026-03-04T03:00:00Z");
        finds("from=2026-03-04", 1);
        finds("to=2026-03-03", 0);
        finds("from=2026-03-01&to=2026-03-04", 1, 0);
        finds("from=2026-03-01T04:30:00%2B01:00&to=2026-03-02T00:00:00Z");
        finds("timestamp_from=2026-01-01&timestamp_to=2026-02-01", 0);
        finds("timestamp_from=2026-02-01", 1);
        finds("timestamp_to=2026-02-01", 0);
        assertThat(search("dateRange=2026-03-01/2026-03-02").json().get("range").toString())
                .isEqualTo("{\"from\":\"2026-03-01T00:00:00.000Z\",\"to\":\"2026-03-03T00:00:00.000Z\"}");
        assertThat(search("").json().get("range").get("from").stringValue()).isEqualTo("2026-02-02T04:00:00.000Z");
    }

    @Test
    void pages_follow_one_another_and_what_is_added_meanwhile_moves_nothing() {
        events.many("montclair", 230, i -> "\"action\":\"a" + i % 3 + "\",\"userId\":\"u" + i % 5 + "\"");
        for (var terms : List.of(
                "", "&action=a1", "&action=a*", "&userId=u2", "&userId=u2&action=a1", "&q=a1", "&subjectId=u3")) {
            var whole = sequences(search("limit=1000" + terms));
            var paged = new ArrayList<Long>();
            var next = "";
            do {
                var page = search("limit=7" + terms + next);
                assertThat(page.status()).as(page.body()).isEqualTo(200);
                paged.addAll(sequences(page));
                var cursor = page.json().get("next");
                next = cursor.isNull() ? null : "&cursor=" + cursor.stringValue();
                events.sent("montclair", "\"action\":\"a1\",\"userId\":\"u2\"");
            } while (next != null);
            assertThat(paged).as(terms).isEqualTo(whole).isNotEmpty();
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void any_search_finds_what_reading_all_would_find(long seed) {
        var random = new Random(seed);
        var all = new ArrayList<Map<String, String>>();
        for (int batch = 0; batch < 3; batch++) {
            events.many("montclair", 400, _ -> {
                var event = new java.util.TreeMap<String, String>();
                event.put("action", random.nextInt(3) + "." + random.nextInt(60));
                if (random.nextInt(4) > 0) event.put("userId", "u" + random.nextInt(9));
                if (random.nextInt(3) == 0) event.put("subjectId", "u" + random.nextInt(9));
                if (random.nextInt(2) == 0) event.put("resource", "/r/" + random.nextInt(5));
                if (random.nextInt(2) == 0) event.put("ip", "10.0.0." + random.nextInt(4));
                if (random.nextInt(3) == 0) event.put("service", "s" + random.nextInt(3));
                event.put(
                        "status",
                        List.of("SUCCESS", "SUCCESS", "FAILURE", "DENIED").get(random.nextInt(4)));
                all.add(event);
                return event.entrySet().stream()
                        .map(member -> "\"" + member.getKey() + "\":\"" + member.getValue() + "\"")
                        .collect(Collectors.joining(","));
            });
            time.passes(Duration.ofHours(1));
        }
        for (int n = 0; n < 40; n++) {
            var terms = new java.util.TreeMap<String, String>();
            if (random.nextInt(2) == 0) terms.put("action", random.nextInt(3) + (random.nextBoolean() ? ".1*" : ".*"));
            if (random.nextInt(3) == 0) terms.put("userId", "u" + random.nextInt(9));
            if (random.nextInt(3) == 0) terms.put("subjectId", "u" + random.nextInt(9));
            if (random.nextInt(3) == 0)
                terms.put("resource", "/r/" + (random.nextBoolean() ? "*" : "" + random.nextInt(5)));
            if (random.nextInt(4) == 0) terms.put("ip", "10.0.0." + random.nextInt(4));
            if (random.nextInt(4) == 0) terms.put("service", "s" + random.nextInt(3));
            if (random.nextInt(2) == 0)
                terms.put("status", List.of("SUCCESS", "FAILURE", "DENIED").get(random.nextInt(3)));
            var expected = IntStream.range(0, all.size())
                    .map(i -> all.size() - 1 - i)
                    .filter(i -> terms.entrySet().stream()
                            .allMatch(term -> fits(all.get(i), term.getKey(), term.getValue())))
                    .mapToObj(Long::valueOf)
                    .toList();
            var asked = terms.entrySet().stream()
                    .map(term -> term.getKey() + "=" + term.getValue())
                    .collect(Collectors.joining("&"));
            var found = new ArrayList<Long>();
            for (var next = ""; next != null; ) {
                var page = search(asked + "&limit=1000" + next);
                found.addAll(sequences(page));
                var cursor = page.json().get("next");
                next = cursor.isNull() ? null : "&cursor=" + cursor.stringValue();
            }
            assertThat(found).as(asked).isEqualTo(expected);
        }
    }

    private static boolean fits(Map<String, String> event, String name, String term) {
        var is = event.get(name);
        if (name.equals("subjectId") && is == null) is = event.get("userId");
        return is != null
                && (term.endsWith("*") ? is.startsWith(term.substring(0, term.length() - 1)) : is.equals(term));
    }

    @Test
    void more_actions_than_are_looked_up_one_by_one_are_found_all_the_same() {
        events.many("montclair", 300, i -> "\"action\":\"act." + i + "\"");
        finds("action=act.29*", 299, 298, 297, 296, 295, 294, 293, 292, 291, 290, 29);
        assertThat(sequences(search("action=act.*&limit=1000"))).hasSize(300);
        assertThat(places.actions(search.span(log("montclair"), all("montclair")), "act.", 101))
                .hasSize(101);
    }

    @Test
    void an_address_of_very_many_persons_is_found_by_reading_the_events() {
        events.many("montclair", 1_000, i -> "\"action\":\"a\",\"ip\":\"10.0.0.9\",\"userId\":\"u" + i + "\"");
        events.many("montclair", 2, i -> "\"action\":\"a\",\"ip\":\"10.0.0.9\",\"userId\":\"v" + i + "\"");
        events.sent("montclair", "\"action\":\"a\",\"ip\":\"10.0.0.8\",\"userId\":\"w\"");
        assertThat(logs.refs(log("montclair"), new TenantLog.Trait(TenantLog.Trait.IP, "10.0.0.9"), 2_000))
                .hasSize(1_002);
        assertThat(sequences(search("ip=10.0.0.9&limit=1000")))
                .hasSize(1_000)
                .startsWith(1001L)
                .doesNotContain(1002L);
    }

    /** By the words of all full tiles; of the first three alone; of none. */
    @Test
    void the_same_is_found_whichever_tiles_have_words(@Autowired Environment environment) {
        record Made(String action, String resource, String service, String status, String ip) {}
        var random = new Random(5);
        var made = new ArrayList<Made>();
        for (int i = 0; i < 2_000; i++) {
            made.add(new Made(
                    i % 701 == 3 ? "rare.thing" : "usual.thing." + random.nextInt(3),
                    "/docs/" + (char) ('a' + random.nextInt(26)) + "/" + random.nextInt(5_000),
                    "service-" + (i < 300 ? "old" : random.nextInt(4)),
                    random.nextInt(40) == 0 ? "DENIED" : "SUCCESS",
                    "10.0.0." + random.nextInt(200)));
        }
        for (int from = 0; from < made.size(); from += 500) {
            int first = from;
            events.many("montclair", 500, i -> {
                var one = made.get(first + i);
                return "\"action\":\"%s\",\"resource\":\"%s\",\"service\":\"%s\",\"status\":\"%s\",\"ip\":\"%s\""
                        .formatted(one.action(), one.resource(), one.service(), one.status(), one.ip());
            });
        }
        var some = made.get(777);
        var asked = new LinkedHashMap<String, Predicate<Made>>();
        asked.put("q=rare", one -> one.action().startsWith("rare"));
        asked.put("q=rare+docs", one -> one.action().startsWith("rare"));
        asked.put("q=nowhere", one -> false);
        asked.put("q=thing", one -> true);
        asked.put("resource=" + some.resource(), one -> one.resource().equals(some.resource()));
        asked.put("resource=/docs/q/1*", one -> one.resource().startsWith("/docs/q/1"));
        asked.put("resource=/d*&q=rare", one -> one.action().startsWith("rare"));
        asked.put("service=service-old", one -> one.service().equals("service-old"));
        asked.put(
                "service=service-old&status=DENIED",
                one -> one.service().equals("service-old") && one.status().equals("DENIED"));
        asked.put("ip=10.0.0.7", one -> one.ip().equals("10.0.0.7"));
        asked.put(
                "ip=10.0.0.7&action=usual.thing.1",
                one -> one.ip().equals("10.0.0.7") && one.action().equals("usual.thing.1"));
        for (long written : new long[] {7, 3, 0}) {
            Owner.of(environment)
                    .sql("delete from audit_words where n >= :written")
                    .param("written", written)
                    .update();
            assertThat(tileWords.unwritten(log("montclair").id())).isEqualTo(written);
            asked.forEach((terms, fits) -> {
                var expected = LongStream.iterate(made.size() - 1, i -> i >= 0, i -> i - 1)
                        .filter(i -> fits.test(made.get((int) i)))
                        .boxed()
                        .toList();
                assertThat(allPages(terms)).as("%s, %s tiles", terms, written).isEqualTo(expected);
            });
        }
    }

    private List<Long> allPages(String terms) {
        var all = new ArrayList<Long>();
        var next = "";
        do {
            var page = search(terms + "&limit=170" + next);
            all.addAll(sequences(page));
            next = page.json().get("next").isNull()
                    ? ""
                    : "&cursor=" + page.json().get("next").stringValue();
        } while (!next.isEmpty());
        return all;
    }

    @Test
    void those_tiles_alone_are_read_that_may_have_the_words() {
        events.many("montclair", 600, i -> "\"action\":\"a" + i + "\"");
        time.passes(Duration.ofSeconds(2));
        int log = log("montclair").id();
        var word = List.<Lexemes>of(new Lexemes.One(Words.word(log, "a300")));
        assertThat(tileWords.candidates(log, word, 0, 2, 9)).containsExactly(1L);
        assertThat(tileWords.candidates(log, List.of(), 0, 2, 9)).containsExactly(1L, 0L);
        assertThat(tileWords.candidates(log, List.of(), 0, 2, 1)).containsExactly(1L);
        var either = new Lexemes.AnyOf(List.of(Words.word(log, "a300"), Words.word(log, "a1")));
        assertThat(tileWords.candidates(log, List.of(either), 0, 2, 9)).containsExactly(1L, 0L);
        assertThat(tileWords.candidates(log, List.of(either, word.getFirst()), 0, 2, 9))
                .containsExactly(1L);
    }

    @Test
    void frequent_words_are_found_in_old_times_too() {
        events.many("montclair", 1_000, _ -> "\"action\":\"old.thing\",\"service\":\"x\"");
        events.many("montclair", 1_000, _ -> "\"action\":\"new.thing\"");
        events.many("montclair", 1_000, _ -> "\"action\":\"new.thing\"");
        events.many("montclair", 1_000, _ -> "\"action\":\"new.thing\"");
        events.many("montclair", 1_000, _ -> "\"action\":\"new.thing\"");
        assertThat(sequences(search("q=old&limit=3"))).containsExactly(999L, 998L, 997L);
        assertThat(sequences(search("service=x&limit=1000"))).hasSize(1_000);
        assertThat(sequences(search("q=thing&limit=2"))).containsExactly(4999L, 4998L);
    }

    @Test
    void an_earlier_epoch_of_the_log_comes_behind_the_newest() {
        events.sent("montclair", "\"action\":\"before\"");
        logs.begin("montclair", 2);
        logs.forgetAll();
        events.sent("montclair", "\"action\":\"after\"");
        events.sent("montclair", "\"action\":\"after\"");
        assertThat(actions(search(""))).containsExactly("after", "after", "before");
        var first = search("limit=2");
        assertThat(actions(first)).containsExactly("after", "after");
        assertThat(actions(search("limit=2&cursor=" + first.json().get("next").stringValue())))
                .containsExactly("before");
    }

    @Test
    void who_is_erased_is_found_by_nothing_personal() {
        events.sent("montclair", "\"action\":\"a\",\"userId\":\"anand.k\",\"ip\":\"10.0.0.1\"");
        events.sent("montclair", "\"action\":\"b\",\"userId\":\"lin\",\"subjectId\":\"anand.k\",\"ip\":\"10.0.0.1\"");
        finds("ip=10.0.0.1", 1, 0);
        db.sql("delete from sealed.audit_person where lookup = :lookup")
                .param("lookup", log("montclair").lookup("person", "anand.k"))
                .update();
        finds("userId=anand.k");
        finds("subjectId=anand.k");
        finds("ip=10.0.0.1", 1);
        finds("", 1, 0);
        finds("action=a", 0);
        assertThat(search("action=a").json().get("items").get(0).get("erased").booleanValue())
                .isTrue();
    }

    @Test
    void what_is_wrong_with_a_search_is_told() {
        refused(422, "tenantId=montclair&user=x", "user", "is not a parameter");
        refused(422, "", "tenantId", "is missing");
        refused(422, "tenantId=montclair&userId=", "userId", "1 to 2000 characters");
        refused(422, "tenantId=montclair&userId=a&userId=b", "userId", "once");
        refused(422, "tenantId=montclair&status=OK", "status", "SUCCESS, FAILURE or DENIED; got OK");
        refused(422, "tenantId=montclair&limit=0", "limit", "between 1 and 1000");
        refused(422, "tenantId=montclair&limit=x", "limit", "a number");
        refused(422, "tenantId=montclair&tz=Mars", "tz", "time zone");
        refused(422, "tenantId=montclair&q=!!", "q", "words");
        refused(422, "tenantId=montclair&archive=yes", "archive", "true or false");
        refused(422, "tenantId=montclair&dateRange=lately", "dateRange", "last<N>days");
        refused(422, "tenantId=montclair&dateRange=last0days", "dateRange", "1 at least");
        refused(422, "tenantId=montclair&dateRange=today&from=2026-01-01", "dateRange", "take one");
        refused(422, "tenantId=montclair&dateRange=2026-03-02/2026-02-01", "dateRange", "before its end");
        refused(422, "tenantId=montclair&dateRange=2026-03-02/P999999999Y", "dateRange", "duration");
        refused(422, "tenantId=montclair&from=2026-13-01", "from", "an instant");
        refused(422, "tenantId=montclair&timestamp_to=soon", "timestamp_to", "an instant");
        refused(422, "tenantId=montclair&from=%2B999999999-01-01T00:00:00Z", "from", "between");
        refused(404, "tenantId=nobody-knows", "", "no tenant");
        refused(400, "tenantId=montclair&cursor=xyz", "", "cursor");
        var foreign = http.get(PATH + "?tenantId=redwood");
        assertThat(foreign.json().get("items")).isEmpty();
        events.many("redwood", 2, _ -> "\"action\":\"a\"");
        var cursor =
                http.get(PATH + "?tenantId=redwood&limit=1").json().get("next").stringValue();
        refused(400, "tenantId=montclair&cursor=" + cursor, "", "cursor");
    }

    @Test
    void who_searches_is_on_record_once_a_request_and_whom_for_is_kept_apart() {
        events.many("montclair", 3, _ -> "\"action\":\"a\",\"userId\":\"anand.k\",\"ip\":\"10.0.0.1\"");
        var first = search("userId=anand.k&ip=10.0.0.1&action=a&limit=2");
        search("userId=anand.k&ip=10.0.0.1&action=a&limit=2&cursor="
                + first.json().get("next").stringValue());
        var id = first.json().get("items").get(0).get("eventId").stringValue();
        http.get(PATH + "/events/" + id);
        search("user=x"); // refused
        record Recorded(String what, String tenant, String by, String subject, String details) {}
        var recorded = db.sql("""
                        select action || ' ' || resource as what, tenant, by_kind, subject, details
                          from own_event
                         where action like 'audit.%'
                         order by id
                        """)
                .query((row, _) -> new Recorded(
                        row.getString("what"),
                        row.getString("tenant"),
                        row.getString("by_kind"),
                        row.getString("subject"),
                        row.getString("details")))
                .list();
        assertThat(recorded)
                .extracting(Recorded::what)
                .containsExactly("audit.searched /audit", "audit.searched /audit", "audit.read /audit/events/" + id);
        assertThat(recorded).extracting(Recorded::tenant).containsOnly("montclair");
        assertThat(recorded).extracting(Recorded::by).containsOnly("KEY");
        assertThat(recorded).extracting(Recorded::subject).containsExactly("anand.k", "anand.k", null);
        assertThat(recorded.get(0).details())
                .contains("\"rows\": 2", "\"action\": \"a\"", "\"userId\": \"asked for\"")
                .doesNotContain("anand", "10.0.0", "next_page");
        assertThat(recorded.get(1).details()).contains("\"rows\": 1", "\"next_page\": true");
    }

    @Test
    void a_tenants_key_searches_its_own_trail_alone() {
        events.sent("redwood", "\"action\":\"a\",\"userId\":\"anand.k\"");
        events.sent("montclair", "\"action\":\"b\",\"userId\":\"anand.k\"");
        var key = http.post("/api/v1/keys", """
                {"name":"theirs","may":"read","tenant":"montclair"}""").json().get("key").stringValue();
        assertThat(with(key, "?tenantId=redwood").status()).isEqualTo(404);
        assertThat(with(key, "?tenantId=muster").status()).isEqualTo(404);
        assertThat(actions(with(key, "?tenantId=montclair"))).containsExactly("b");
        assertThat(actions(with(key, "?userId=anand.k"))).containsExactly("b");
        assertThat(http.send(http.request("GET", PATH + "?tenantId=montclair", null))
                        .status())
                .isEqualTo(401);
    }

    /** The application's own check is not asked here: it is given the other tenant's log. */
    @Test
    void without_our_own_check_row_security_alone_shows_nothing_of_another_tenant() {
        events.many(
                "redwood",
                256,
                i -> "\"action\":\"a\",\"userId\":\"anand.k\",\"status\":\"DENIED\",\"service\":\"x\",\"ip\":\"1.1.1."
                        + i % 5 + "\",\"resource\":\"/r\"");
        time.passes(Duration.ofSeconds(2));
        var log = log("redwood");
        var person = logs.person(log, "anand.k").orElseThrow();
        var words = new Lexemes.One(Words.service(log.id(), "x"));
        var span = search.span(log, all("redwood"));
        var byActor = new EventFilter(person, null, null, List.of(), null, List.of());
        var byAction = new EventFilter(null, null, List.of("a"), List.of("a"), null, List.of());
        var byWords = new EventFilter(null, null, null, List.of(), null, List.of(words));
        List<java.util.function.Supplier<List<?>>> looks = List.of(
                () -> places.newest(span, byWords, span.below(), 100).places(),
                () -> places.byActor(span, byActor, span.below(), 100).places(),
                () -> places.byAction(span, byAction, span.below(), 100).places(),
                () -> places.inTiles(span, byWords, List.of(0L), span.below()),
                () -> tileWords.candidates(log.id(), byWords.words(), 0, 1, 100),
                () -> places.rows(span, byActor, List.of(0L, 1L, 2L)),
                () -> places.outcomes(span, byActor, List.of(0L, 1L, 2L)),
                () -> places.notWell(span, 100),
                () -> places.actions(span, "", 100),
                () -> logs.refs(log, new TenantLog.Trait(TenantLog.Trait.IP, "1.1.1.1"), 10),
                () -> logs.person(log, "anand.k").stream().toList());
        for (int i = 0; i < looks.size(); i++)
            assertThat(looks.get(i).get()).as("look %s", i).isNotEmpty();
        access.become(new Caller(Caller.Kind.KEY, "test", false, false, false, "default", "montclair", null, null));
        for (int i = 0; i < looks.size(); i++)
            assertThat(looks.get(i).get()).as("look %s", i).isEmpty();
        assertThat(logs.logs("redwood")).isEmpty();
        assertThat(transaction.<List<Long>>execute(
                        _ -> { // whatever log it names, also all
                            db.sql("select set_config('muster.log', '*', true)")
                                    .query(String.class)
                                    .single();
                            return db.sql("select idx from audit_event")
                                    .query(Long.class)
                                    .list();
                        }))
                .isEmpty();
        assertThat(db.sql("select count(*) from audit_head").query(Long.class).single())
                .isZero();
    }

    @Test
    void the_owner_too_is_asked_by_its_function_whether_the_log_may_be_seen(@Autowired Environment environment) {
        events.many("redwood", 2, _ -> "\"action\":\"a\",\"service\":\"x\"");
        var owner = Owner.of(environment);
        var log = log("redwood").id();
        var asked = """
                with caller as materialized (select set_config('muster.tenant', '%s', false))
                select count(action) from caller, audit_actions(%d, '', '-infinity', 'infinity', 100) as action
                """;
        assertThat(owner.sql("select count(*) from pg_proc where proname = 'audit_actions' and prosecdef")
                        .query(Long.class)
                        .single())
                .isEqualTo(1);
        assertThat(owner.sql(asked.formatted("redwood", log)).query(Long.class).single())
                .isEqualTo(1);
        assertThat(owner.sql(asked.formatted("montclair", log))
                        .query(Long.class)
                        .single())
                .isZero();
    }

    private TenantLog log(String tenant) {
        return logs.newest(tenant).orElseThrow();
    }

    private AuditQuery all(String tenant) {
        return AuditQuery.of(Map.of("tenantId", new String[] {tenant}), Set.of(), null, time.now());
    }

    private void finds(String terms, Integer... sequences) {
        var answer = search(terms);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(sequences(answer))
                .as(terms)
                .containsExactly(java.util.Arrays.stream(sequences)
                        .map(Integer::longValue)
                        .toArray(Long[]::new));
    }

    private void refused(int status, String terms, String field, String says) {
        var answer = http.get(PATH + "?" + terms);
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        if (!field.isEmpty()) {
            assertThat(answer.json().get("errors").get(0).get("field").stringValue())
                    .isEqualTo(field);
        }
        assertThat(answer.body()).contains(says);
    }

    private Answer search(String terms) {
        return http.get(PATH + "?tenantId=montclair" + (terms.isEmpty() ? "" : "&" + terms));
    }

    private Answer with(String key, String query) {
        return http.send(http.request("GET", PATH + query, null).header("X-Api-Key", key));
    }

    private static List<Long> sequences(Answer answer) {
        return answer.json()
                .get("items")
                .valueStream()
                .map(item -> item.get("sequence").longValue())
                .toList();
    }

    private static List<String> actions(Answer answer) {
        return answer.json()
                .get("items")
                .valueStream()
                .map(item -> item.get("action").stringValue())
                .toList();
    }
}
