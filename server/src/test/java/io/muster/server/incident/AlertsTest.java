package io.muster.server.incident;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.server.deadline.PassingTime;
import io.muster.server.incident.Alert.Type;
import io.muster.server.incident.channel.Listener.Says;
import io.muster.server.incident.channel.webhook.WebhookReceiver;
import io.muster.server.testing.Http;
import io.muster.server.testing.Proves;
import io.muster.server.testing.ServerTest;
import io.muster.server.testing.TestBackground;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

@ServerTest
class AlertsTest {

    @Autowired
    Alerts alerts;

    @Autowired
    ChannelRepository channels;

    @Autowired
    PassingTime time;

    @Autowired
    TestBackground background;

    @Autowired
    TransactionTemplate transaction;

    @Autowired
    JdbcClient db;

    @Autowired
    Http http;

    Fixtures fixtures;
    WebhookReceiver ops;

    @BeforeEach
    void a_channel_that_listens() {
        fixtures = new Fixtures(channels, time.clock());
        ops = new WebhookReceiver(time::now);
        fixtures.webhook("ops", ops);
    }

    @AfterEach
    void stop() {
        ops.close();
        assertThat(ops.complaints).isEmpty();
    }

    @Test
    void the_first_message_comes_ten_seconds_after_the_first_alert() {
        raise(down(job(1)));
        pass(ofSeconds(9));
        assertThat(ops.calls).isEmpty();
        pass(ofSeconds(1));
        assertThat(told()).containsExactly("job.down");
        var data = ops.last().json().path("data");
        assertThat(data.path("job").asString()).isEqualTo("copy-1");
        assertThat(data.path("store").asString()).isEqualTo("intake-us");
        assertThat(data.path("region").asString()).isEqualTo("us-east-1");
        assertThat(data.path("since").asString()).isEqualTo("2026-03-01T03:00:00.000Z");
        assertThat(data.path("cause").asString()).isEqualTo("copy-1 failed with exit code 2");
        assertThat(data.path("url").asString()).isEqualTo(http.base() + "/checks/copy-1");
    }

    @Test
    void a_store_that_is_down_is_one_message_not_four_hundred() {
        var all = new ArrayList<Alert>();
        IntStream.range(0, 400).forEach(n -> all.add(down(job(n))));
        raise(all);
        for (int batch = 0; batch < 4; batch++) {
            var from = batch * 1_000;
            raise(IntStream.range(from, from + 1_000)
                    .mapToObj(n -> exposure(Type.EXPOSURE_VIOLATION, job(n % 400), "tenant-%04d".formatted(n)))
                    .toList());
            pass(ofSeconds(2));
        }
        pass(ofSeconds(2));
        assertThat(told()).containsExactly("exposure.violation");
        var data = ops.last().json().path("data");
        assertThat(data.path("tenants")).hasSize(20);
        assertThat(data.path("tenants_total").asInt()).isEqualTo(4_000);
        assertThat(data.path("jobs_total").asInt()).isEqualTo(400);
        assertThat(data.path("job").isNull()).isTrue();
        assertThat(data.path("changes").toString()).isEqualTo("{\"exposure.violation\":4000,\"job.down\":400}");
        pass(ofHours(23));
        assertThat(ops.calls).hasSize(1);
    }

    @Test
    void changes_come_at_most_every_five_minutes() {
        raise(down(job(1)));
        pass(ofSeconds(10));
        raise(down(job(2)));
        pass(ofSeconds(30));
        raise(exposure(Type.EXPOSURE_VIOLATION, job(1), "acme"));
        pass(ofSeconds(269));
        assertThat(told()).containsExactly("job.down");
        pass(ofSeconds(1));
        assertThat(told()).containsExactly("job.down", "exposure.violation");
        assertThat(ops.last().json().path("data").path("open").toString())
                .isEqualTo("{\"exposure.violation\":1,\"job.down\":2}");
        raise(up(job(1)), up(job(2)), exposure(Type.EXPOSURE_CLOSED, job(1), "acme"));
        pass(ofMinutes(5));
        assertThat(told()).containsExactly("job.down", "exposure.violation", "exposure.closed");
        assertThat(ops.last().json().path("data").path("open").isEmpty()).isTrue();
        pass(ofHours(48));
        assertThat(ops.calls).hasSize(3);
        assertThat(db.sql("select (select count(*) from alert) + (select count(*) from alert_group)")
                        .query(Long.class)
                        .single())
                .as("nothing is kept of what is over and told")
                .isZero();
    }

    @Test
    void what_is_open_is_called_to_mind_every_day() {
        raise(down(job(1)), exposure(Type.EXPOSURE_VIOLATION, job(1), "acme"));
        pass(ofSeconds(10));
        pass(ofHours(24).minusSeconds(1));
        assertThat(ops.calls).hasSize(1);
        pass(ofSeconds(1));
        assertThat(told()).containsExactly("exposure.violation", "job.reminder");
        assertThat(ops.last().json().path("data").path("tenants").toString()).isEqualTo("[\"acme\"]");
        pass(ofHours(24));
        assertThat(told()).hasSize(3);
        raise(up(job(1)), exposure(Type.EXPOSURE_CLOSED, job(1), "acme"));
        pass(ofMinutes(5));
        pass(ofHours(72));
        assertThat(told()).containsExactly("exposure.violation", "job.reminder", "job.reminder", "exposure.closed");
    }

    @Test
    void what_is_over_before_the_first_message_is_told_as_over() {
        raise(down(job(1)));
        pass(ofSeconds(4));
        raise(up(job(1)));
        pass(ofSeconds(6));
        assertThat(told()).containsExactly("job.up");
        assertThat(ops.last().json().path("data").path("open").isEmpty()).isTrue();
    }

    @Test
    void a_job_that_blinks_wakes_nobody_who_did_not_ask_for_ends() {
        fixtures.webhook("ops", ops, "down", "violation");
        raise(down(job(1)), exposure(Type.EXPOSURE_AT_RISK, job(1), "acme"));
        raise(up(job(1)), exposure(Type.EXPOSURE_CLOSED, job(1), "acme"));
        pass(ofMinutes(10));
        assertThat(ops.calls).isEmpty();
    }

    @Test
    void a_violation_is_told_even_if_it_is_over() {
        fixtures.webhook("ops", ops, "down", "violation");
        raise(exposure(Type.EXPOSURE_VIOLATION, job(1), "acme"));
        raise(exposure(Type.EXPOSURE_CLOSED, job(1), "acme"));
        pass(ofSeconds(10));
        assertThat(told()).containsExactly("exposure.violation");
    }

    @Test
    void the_end_of_a_risk_is_told_only_to_who_hears_of_risks() {
        var curious = new WebhookReceiver(time::now);
        fixtures.webhook("curious", curious, "at_risk", "closed");
        raise(exposure(Type.EXPOSURE_AT_RISK, job(1), "acme"));
        pass(ofSeconds(10));
        raise(exposure(Type.EXPOSURE_CLOSED, job(1), "acme"));
        pass(ofMinutes(5));
        assertThat(ops.calls).isEmpty();
        assertThat(curious.calls).hasSize(2);
        curious.close();
    }

    @Test
    void a_job_without_store_is_its_own_message_and_says_at_once_that_it_is_well_again() {
        raise(alone(Type.JOB_DOWN, "report"), alone(Type.JOB_DOWN, "cleanup"));
        pass(ofSeconds(10));
        assertThat(told()).containsExactly("job.down", "job.down");
        raise(alone(Type.JOB_UP, "report"));
        pass(ofSeconds(10));
        assertThat(told()).containsExactly("job.down", "job.down", "job.up");
        raise(alone(Type.JOB_DOWN, "report"));
        pass(ofMinutes(4));
        assertThat(ops.calls).as("but does not flap").hasSize(3);
        pass(ofMinutes(1));
        assertThat(ops.calls).hasSize(4);
    }

    @Test
    void a_channel_hears_only_of_the_jobs_that_it_selects() {
        var eu = new WebhookReceiver(time::now);
        var one = new WebhookReceiver(time::now);
        fixtures.webhook("eu", eu, new JobSelector.Tagged(List.of("eu")));
        fixtures.webhook("one", one, new JobSelector.These(List.of("copy-2")));
        raise(down(job(1)), down(tagged(job(2), "eu")), down(only(job(3), "one")), down(only(job(4))));
        raise(new Alert(
                Type.EXPOSURE_VIOLATION,
                null,
                "other",
                "us-east-1",
                "acme",
                time.now(),
                "probe",
                "look",
                "/exposures/1"));
        pass(ofSeconds(10));
        assertThat(jobs(ops)).containsExactlyInAnyOrder("copy-1,copy-2", "");
        assertThat(jobs(eu)).containsExactly("copy-2");
        assertThat(jobs(one)).containsExactly("copy-2,copy-3");
        eu.close();
        one.close();
    }

    @Test
    void no_alert_without_its_cause() {
        assertThatThrownBy(() -> transaction.executeWithoutResult(_ -> {
                    alerts.raise(List.of(down(job(1))), time.now());
                    throw new IllegalStateException("the cause could not be stored");
                }))
                .hasMessage("the cause could not be stored");
        pass(ofMinutes(1));
        assertThat(ops.calls).isEmpty();
    }

    @Test
    @Proves({"M15", "D7"})
    void alert_whose_server_dies_between_flip_and_send_is_sent_by_the_next() {
        raise(down(job(1)));
        time.passes(ofSeconds(10));
        background.forget();
        pass(ofMinutes(1));
        assertThat(ops.calls).isEmpty();
        pass(ofMinutes(1));
        assertThat(told()).containsExactly("job.down");
        assertThat(delivery().path("tries").asInt()).isEqualTo(2);
    }

    @Test
    void alert_that_is_refused_is_tried_again_with_the_same_id_until_it_arrives() {
        ops.instead = Says.just(503);
        raise(down(job(1)));
        pass(ofSeconds(10));
        assertThat(delivery().path("state").asString()).isEqualTo("failed");
        assertThat(delivery().path("last_answer").asString()).isEqualTo("HTTP 503");
        assertThat(delivery().path("next_try").asString()).isEqualTo("2026-03-01T03:00:15.000Z");
        pass(ofSeconds(5));
        ops.instead = null;
        pass(ofMinutes(5));
        assertThat(ops.calls).hasSize(3);
        assertThat(ops.calls.stream().map(call -> call.header("webhook-id")).distinct())
                .hasSize(1);
        assertThat(ops.calls.stream().map(call -> call.body()).distinct()).hasSize(1);
        assertThat(delivery().path("state").asString()).isEqualTo("sent");
        assertThat(delivery().path("tries").asInt()).isEqualTo(3);
        assertThat(events()).contains("alert.sent SUCCESS");
    }

    @Test
    void alert_that_never_arrives_is_given_up_after_ten_tries_and_that_is_on_record() {
        ops.instead = Says.just(500);
        raise(down(job(1)));
        pass(ofSeconds(10));
        for (var wait : DeliverySender.WAITS) pass(wait);
        assertThat(db.sql("select state || ' after ' || tries from delivery order by number limit 1")
                        .query(String.class)
                        .single())
                .isEqualTo("given_up after 10");
        assertThat(events()).contains("alert.given_up FAILURE");
        pass(ofHours(1000));
        assertThat(http.get("/api/v1/deliveries?state=given_up").json().path("items"))
                .isNotEmpty();
    }

    @Test
    void retry_after_is_respected_and_bounded() {
        ops.instead = new Says(429, "slow down", Map.of("Retry-After", "120"));
        raise(down(job(1)));
        pass(ofSeconds(10));
        assertThat(delivery().path("next_try").asString()).isEqualTo("2026-03-01T03:02:10.000Z");
        ops.instead = new Says(503, "", Map.of("Retry-After", "Sun, 01 Mar 2026 04:00:00 GMT"));
        pass(ofMinutes(2));
        assertThat(delivery().path("next_try").asString()).isEqualTo("2026-03-01T04:00:00.000Z");
        ops.instead = new Says(503, "", Map.of("Retry-After", "999999999"));
        pass(ofHours(1));
        assertThat(delivery().path("next_try").asString()).startsWith("2026-03-02T04:0");
    }

    @Test
    void an_address_that_is_gone_disables_its_channel_until_a_test_arrives() {
        ops.instead = Says.just(410);
        raise(down(job(1)));
        pass(ofSeconds(10));
        assertThat(delivery().path("state").asString()).isEqualTo("given_up");
        assertThat(events()).contains("alert.given_up FAILURE", "alert_channel.disabled SUCCESS");
        raise(down(job(2)));
        pass(ofMinutes(5));
        assertThat(ops.calls).hasSize(1);
        assertThat(delivery().path("last_answer").asString()).contains("disabled");
        ops.instead = null;
        assertThat(http.post("/api/v1/alert-channels/ops/test", null)
                        .json()
                        .path("state")
                        .asString())
                .isEqualTo("sent");
        raise(down(job(3)));
        pass(ofMinutes(5));
        assertThat(told()).containsExactly("job.down", "test", "job.down");
    }

    @Test
    void when_a_channel_answers_again_what_waits_for_it_is_sent_at_once() {
        ops.instead = Says.just(503);
        raise(alone(Type.JOB_DOWN, "report"));
        pass(ofSeconds(10));
        pass(ofSeconds(5));
        pass(ofMinutes(5));
        pass(ofMinutes(30));
        ops.instead = null;
        ops.calls.clear();
        raise(alone(Type.JOB_DOWN, "cleanup"));
        pass(ofSeconds(10));
        pass(ofSeconds(1));
        assertThat(told()).hasSize(2);
    }

    @Test
    void a_slow_channel_has_eight_tries_at_once_and_the_others_have_theirs() {
        var other = new WebhookReceiver(time::now);
        fixtures.webhook("other", other, new JobSelector.These(List.of("report-20")));
        raise(IntStream.range(0, 21)
                .mapToObj(n -> alone(Type.JOB_DOWN, "report-" + n))
                .toList());
        time.passes(ofSeconds(10));
        assertThat(db.sql("select count(*) from delivery where tries = 1 and channel = 'ops'")
                        .query(Long.class)
                        .single())
                .isEqualTo(8);
        background.run();
        assertThat(other.calls).hasSize(1);
        pass(ofSeconds(1));
        pass(ofSeconds(1));
        assertThat(ops.calls).hasSize(21);
        other.close();
    }

    @Test
    void a_test_says_what_became_of_it() {
        var answer = http.post("/api/v1/alert-channels/ops/test", null);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().path("state").asString()).isEqualTo("sent");
        assertThat(answer.json().path("last_answer").asString()).isEqualTo("HTTP 204");
        assertThat(told()).containsExactly("test");
        ops.instead = Says.just(404);
        answer = http.post("/api/v1/alert-channels/ops/test", null);
        assertThat(answer.json().path("state").asString()).isEqualTo("failed");
        assertThat(answer.json().path("next_try").isNull()).isTrue();
        assertThat(http.post("/api/v1/alert-channels/nobody/test", null).status())
                .isEqualTo(404);
    }

    @Test
    void deliveries_are_listed_newest_first_page_by_page() {
        raise(IntStream.range(0, 5)
                .mapToObj(n -> alone(Type.JOB_DOWN, "report-" + n))
                .toList());
        pass(ofSeconds(10));
        var first = http.get("/api/v1/deliveries?limit=3").json();
        var second = http.get("/api/v1/deliveries?limit=3&cursor="
                        + first.path("next").asString())
                .json();
        assertThat(first.path("items")).hasSize(3);
        assertThat(second.path("items")).hasSize(2);
        assertThat(second.path("next").isNull()).isTrue();
        assertThat(http.get("/api/v1/deliveries?channel=ops&state=sent").json().path("items"))
                .hasSize(5);
        assertThat(http.get("/api/v1/deliveries?channel=nobody").json().path("items"))
                .isEmpty();
        assertThat(http.get("/api/v1/deliveries?state=lost").status()).isEqualTo(422);
        assertThat(http.get("/api/v1/deliveries?limit=0").status()).isEqualTo(422);
        assertThat(http.get("/api/v1/deliveries?cursor=abc").status()).isEqualTo(400);
        var id = first.path("items").get(0).path("id").asString();
        assertThat(http.get("/api/v1/deliveries/" + id).status()).isEqualTo(200);
        assertThat(http.get("/api/v1/deliveries/msg_no").status()).isEqualTo(404);
    }

    static Alert.Job job(int n) {
        return new Alert.Job(n + 1, "copy-" + n, "copy-" + n, List.of(), null);
    }

    static Alert.Job tagged(Alert.Job job, String... tags) {
        return new Alert.Job(job.check(), job.id(), job.name(), List.of(tags), null);
    }

    static Alert.Job only(Alert.Job job, String... channels) {
        return new Alert.Job(job.check(), job.id(), job.name(), List.of(), List.of(channels));
    }

    Alert down(Alert.Job job) {
        return new Alert(
                Type.JOB_DOWN,
                job,
                "intake-us",
                "us-east-1",
                null,
                time.now(),
                job.name() + " failed with exit code 2",
                "Look at its last output.",
                "/checks/" + job.id());
    }

    Alert up(Alert.Job job) {
        return new Alert(
                Type.JOB_UP,
                job,
                "intake-us",
                "us-east-1",
                null,
                time.now(),
                job.name() + " reported success",
                "Nothing.",
                "/checks/" + job.id());
    }

    Alert exposure(Type type, Alert.Job job, String tenant) {
        return new Alert(
                type,
                job,
                "intake-us",
                "us-east-1",
                tenant,
                time.now(),
                "no proof since 02:45",
                "Move it.",
                "/exposures/" + tenant);
    }

    Alert alone(Type type, String id) {
        return new Alert(
                type,
                new Alert.Job(id.hashCode(), id, id, List.of(), null),
                null,
                null,
                null,
                time.now(),
                id + " did not report",
                "Look at it.",
                "/checks/" + id);
    }

    void raise(Alert... raised) {
        raise(List.of(raised));
    }

    void raise(List<Alert> raised) {
        transaction.executeWithoutResult(_ -> alerts.raise(raised, time.now()));
    }

    void pass(Duration duration) {
        time.passes(duration);
        background.run();
    }

    List<String> told() {
        return ops.calls.stream()
                .map(call -> call.json().path("type").asString())
                .toList();
    }

    static List<String> jobs(WebhookReceiver receiver) {
        return receiver.calls.stream()
                .map(call -> String.join(
                        ",",
                        call.json()
                                .path("data")
                                .path("jobs")
                                .valueStream()
                                .map(JsonNode::asString)
                                .toList()))
                .toList();
    }

    JsonNode delivery() {
        return http.get("/api/v1/deliveries?limit=1").json().path("items").get(0);
    }

    List<String> events() {
        return db.sql("select action || ' ' || status from own_event order by id")
                .query(String.class)
                .list();
    }
}
