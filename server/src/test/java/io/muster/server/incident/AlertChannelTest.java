package io.muster.server.incident;

import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.muster.server.deadline.PassingTime;
import io.muster.server.incident.Alert.Type;
import io.muster.server.incident.channel.Listener.Says;
import io.muster.server.incident.channel.slack.SlackFake;
import io.muster.server.incident.channel.webhook.WebhookReceiver;
import io.muster.server.testing.FreePort;
import io.muster.server.testing.Http;
import io.muster.server.testing.ServerTest;
import io.muster.server.testing.TestBackground;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

@ServerTest
class AlertChannelTest {

    static final String SECRET = WebhookReceiver.SECRET;

    @Autowired
    Http http;

    @Autowired
    Channels channels;

    @Autowired
    Alerts alerts;

    @Autowired
    PassingTime time;

    @Autowired
    TestBackground background;

    @Autowired
    TransactionTemplate transaction;

    @Autowired
    JdbcClient db;

    @Test
    void what_is_left_out_is_as_the_contract_says() {
        var answer = http.put("/api/v1/alert-channels/ops", "{\"kind\":\"email\",\"to\":\"ops@acme.example\"}");
        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.json().path("sends").toString())
                .isEqualTo("[\"down\",\"up\",\"reminder\",\"violation\",\"closed\"]");
        assertThat(answer.json().path("jobs").asString()).isEqualTo("all");
        assertThat(answer.json().path("to").asString()).isEqualTo("ops@acme.example");
        assertThat(answer.json().path("disabled").isNull()).isTrue();
        assertThat(http.put("/api/v1/alert-channels/ops", "{\"kind\":\"email\",\"to\":\"ops@acme.example\"}")
                        .status())
                .isEqualTo(200);
        assertThat(http.get("/api/v1/alert-channels").json().path("items")).hasSize(1);
        assertThat(http.delete("/api/v1/alert-channels/ops").status()).isEqualTo(204);
        assertThat(http.get("/api/v1/alert-channels/ops").status()).isEqualTo(404);
    }

    @Test
    void secrets_are_sealed_and_never_returned_and_stay_when_sent_back_masked() {
        var body = "{\"kind\":\"webhook\",\"url\":\"https://hooks.example/very-secret\",\"secret\":\"" + SECRET + "\"}";
        var answer = http.put("/api/v1/alert-channels/ops", body);
        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.json().path("url").asString()).isEqualTo("***");
        assertThat(answer.json().path("secret").asString()).isEqualTo("***");
        assertThat(db.sql("select url || secret from alert_channel")
                        .query(String.class)
                        .single())
                .startsWith("sealed:")
                .doesNotContain("very-secret", SECRET);
        assertThat(db.sql("select coalesce(string_agg(cast(details as text), ''), '') from own_event")
                        .query(String.class)
                        .single())
                .doesNotContain("very-secret", SECRET);
        assertThat(http.put("/api/v1/alert-channels/ops", body)
                        .json()
                        .path("version")
                        .asInt())
                .isEqualTo(1);
        var masked = http.put(
                "/api/v1/alert-channels/ops",
                "{\"kind\":\"webhook\",\"url\":\"***\",\"secret\":\"***\",\"jobs\":{\"tags\":[\"eu\"]}}");
        assertThat(masked.status()).isEqualTo(200);
        assertThat(masked.json().path("jobs").toString()).isEqualTo("{\"tags\":[\"eu\"]}");
        assertThat(http.put("/api/v1/alert-channels/ops", body.replace("}", ",\"jobs\":{\"tags\":[\"eu\"]}}"))
                        .json()
                        .path("version")
                        .asInt())
                .as("equal to what was sent masked")
                .isEqualTo(2);
        var reference = http.put(
                "/api/v1/alert-channels/two",
                "{\"kind\":\"slack\",\"url\":\"env:MUSTER_SECRET_SLACK\",\"jobs\":[\"a\",\"b\"]}");
        assertThat(reference.json().path("url").asString()).isEqualTo("env:MUSTER_SECRET_SLACK");
        var test = http.post("/api/v1/alert-channels/two/test", null).json();
        assertThat(test.path("state").asString()).isEqualTo("failed");
        assertThat(test.path("last_answer").asString()).contains("MUSTER_SECRET_SLACK");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'to':'a@b.example'}                                                     | kind",
                "{'kind':'sms','to':'a@b.example'}                                        | kind",
                "{'kind':'email'}                                                         | to",
                "{'kind':'email','to':'nobody'}                                           | to",
                "{'kind':'email','to':'a@b.example,c@d.example'}                          | to",
                "{'kind':'email','to':'A <a@b.example>'}                                  | to",
                "{'kind':'email','to':'a@b.example\\r\\nBcc: c@d.example'}                | to",
                "{'kind':'email','to':'a@b.example','url':'https://x.example'}            | url",
                "{'kind':'slack'}                                                         | url",
                "{'kind':'slack','url':'***'}                                             | url",
                "{'kind':'slack','url':'ftp://x.example'}                                 | url",
                "{'kind':'slack','url':'https://u:p@x.example'}                           | url",
                "{'kind':'slack','url':'env:PATH'}                                        | url",
                "{'kind':'slack','url':'file:../secrets/root'}                            | url",
                "{'kind':'slack','url':'https://x.example','secret':'x'}                  | secret",
                "{'kind':'webhook','url':'https://x.example'}                             | secret",
                "{'kind':'webhook','url':'https://x.example','secret':'abc'}              | secret",
                "{'kind':'webhook','url':'https://x.example','secret':'whsec_MTIz'}       | secret",
                "{'kind':'email','to':'a@b.example','sends':[]}                           | sends",
                "{'kind':'email','to':'a@b.example','sends':['all']}                      | sends[0]",
                "{'kind':'email','to':'a@b.example','jobs':'none'}                        | jobs",
                "{'kind':'email','to':'a@b.example','jobs':{'tag':['eu']}}                | jobs",
                "{'kind':'email','to':'a@b.example','jobs':[1]}                           | jobs",
                "{'kind':'email','to':'a@b.example','send':['down']}                      | send",
            })
    void what_is_wrong_is_refused_with_its_member(String body, String field) {
        var answer = http.put("/api/v1/alert-channels/ops", body.replace('\'', '"'));
        assertThat(answer.status()).as(answer.body()).isEqualTo(422);
        assertThat(answer.json().path("errors").get(0).path("field").asString()).isEqualTo(field);
        assertThat(http.get("/api/v1/alert-channels/ops").status()).isEqualTo(404);
    }

    @Test
    void keys_of_projects_may_not_change_channels_and_tenants_do_not_see_them() {
        http.put("/api/v1/alert-channels/ops", "{\"kind\":\"email\",\"to\":\"ops@acme.example\"}");
        var writer = http.post("/api/v1/keys", "{\"name\":\"ci\",\"may\":\"write\",\"project\":\"default\"}")
                .json()
                .path("key")
                .asString();
        for (var path : List.of(
                "PUT /api/v1/alert-channels/x",
                "DELETE /api/v1/alert-channels/ops",
                "POST /api/v1/alert-channels/ops/test")) {
            var parts = path.split(" ");
            var answer = http.send(http.request(
                            parts[0],
                            parts[1],
                            parts[0].equals("PUT") ? "{\"kind\":\"email\",\"to\":\"a@b.example\"}" : null)
                    .header("X-Api-Key", writer));
            assertThat(answer.status()).as(path).isEqualTo(403);
        }
    }

    @Test
    void the_compatible_api_sees_name_based_uuids() {
        http.put("/api/v1/alert-channels/ops", "{\"kind\":\"email\",\"to\":\"ops@acme.example\"}");
        var ops = channels.compatible().getFirst();
        assertThat(ops.name()).isEqualTo("ops");
        assertThat(ops.kind()).isEqualTo("email");
        assertThat(ops.uuid())
                .as("python: uuid.uuid5(uuid.NAMESPACE_URL, 'ops')")
                .hasToString("e79e5af2-7489-584d-a6e2-c3f249ff80a9");
        assertThat(ops.uuid().version()).isEqualTo(5);
    }

    @Test
    void what_waits_for_a_channel_that_is_deleted_is_given_up_and_stays_visible() {
        try (var receiver = new WebhookReceiver(time::now)) {
            receiver.instead = Says.just(503);
            http.put("/api/v1/alert-channels/ops", webhook(receiver));
            raise();
            assertThat(http.delete("/api/v1/alert-channels/ops").status()).isEqualTo(204);
            var lost = http.get("/api/v1/deliveries?channel=ops")
                    .json()
                    .path("items")
                    .get(0);
            assertThat(lost.path("state").asString()).isEqualTo("given_up");
            assertThat(lost.path("last_answer").asString()).isEqualTo("the channel was deleted");
            time.passes(Duration.ofDays(91));
            time.passes(Duration.ofDays(91));
            assertThat(http.get("/api/v1/deliveries").json().path("items")).isEmpty();
        }
    }

    @Test
    void one_alert_reaches_mail_slack_and_webhook() throws Exception {
        var mail = new GreenMail(new ServerSetup(FreePort.SMTP, "127.0.0.1", "smtp"));
        mail.start();
        try (var receiver = new WebhookReceiver(time::now);
                var slack = new SlackFake()) {
            http.put("/api/v1/alert-channels/mail", "{\"kind\":\"email\",\"to\":\"ops@acme.example\"}");
            http.put("/api/v1/alert-channels/chat", "{\"kind\":\"slack\",\"url\":\"" + slack.url() + "\"}");
            http.put("/api/v1/alert-channels/hook", webhook(receiver));
            raise();
            assertThat(http.get("/api/v1/deliveries?state=sent").json().path("items"))
                    .hasSize(3);
            assertThat(mail.getReceivedMessages()[0].getSubject()).isEqualTo("[Muster] DOWN: users intake to EU");
            assertThat(slack.last().body()).contains("DOWN: users intake to EU");
            assertThat(receiver.complaints).isEmpty();
            assertThat(receiver.last().json().path("type").asString()).isEqualTo("job.down");
        } finally {
            mail.stop();
        }
    }

    @Test
    void the_page_says_what_a_channel_answers_and_tests_all_at_once() throws Exception {
        try (var receiver = new WebhookReceiver(time::now);
                var slack = new SlackFake()) {
            receiver.instead = Says.just(503);
            http.put("/api/v1/alert-channels/hook", webhook(receiver));
            http.put("/api/v1/alert-channels/chat", "{\"kind\":\"slack\",\"url\":\"" + slack.url() + "\"}");
            raise();
            assertThat(http.get("/channels").body())
                    .contains("Failing", "<b>hook: HTTP 503</b>", "1 try so far, the next ", "1 waits");
            receiver.instead = null;
            slack.calls.clear();
            assertThat(http.form("/channels/test", "").status()).isEqualTo(302);
            assertThat(slack.last().body()).contains("Test");
            assertThat(http.get("/api/v1/deliveries?channel=hook&state=sent")
                            .json()
                            .path("items")
                            .get(0)
                            .path("type")
                            .asString())
                    .isEqualTo("test");
            assertThat(http.get("/channels").body()).doesNotContain("<b>hook: ", "Failing");
            receiver.instead = Says.just(410);
            http.form("/channels/test", "");
            assertThat(http.get("/channels").body())
                    .contains("Failing", "<b>hook: HTTP 410</b>", "A test that arrives sends at once what waits.");
        }
    }

    @Test
    void alerts_that_reach_nobody_show_in_health() {
        try (var receiver = new WebhookReceiver(time::now)) {
            receiver.instead = Says.just(410);
            http.put("/api/v1/alert-channels/ops", webhook(receiver));
            raise();
            var channel = http.get("/api/v1/alert-channels/ops").json();
            assertThat(channel.path("disabled").path("why").asString()).isEqualTo("HTTP 410");
            var health = http.get("/actuator/health/alerts");
            assertThat(http.send(http.request("GET", "/actuator/health", null)).body())
                    .as("strangers see no more than that the server lives")
                    .doesNotContain("alerts", "ops");
            assertThat(health.json().path("status").asString())
                    .as(health.body())
                    .isEqualTo("UP");
            assertThat(health.json()
                            .path("details")
                            .path("given_up_in_24_hours")
                            .asInt())
                    .isEqualTo(1);
            assertThat(health.json()
                            .path("details")
                            .path("disabled_channels")
                            .get(0)
                            .asString())
                    .isEqualTo("ops");
            assertThat(http.get("/actuator/prometheus").body())
                    .contains("muster_deliveries_total{kind=\"webhook\",state=\"given_up\"}");
            http.put("/api/v1/alert-channels/ops", webhook(receiver).replace("/hook/", "/new/"));
            assertThat(http.get("/api/v1/alert-channels/ops")
                            .json()
                            .path("disabled")
                            .isNull())
                    .isTrue();
        }
    }

    @Test
    void channels_are_declared_by_apply_as_well_and_their_secrets_never_told() {
        try (var receiver = new WebhookReceiver(time::now)) {
            var document = """
                    muster: v1
                    set: production
                    alert_channels:
                      - {id: mail, kind: email, to: ops@acme.example, jobs: {tags: [eu]}}
                      - {id: hook, kind: webhook, url: "%s", secret: %s, sends: [down, up, at_risk]}
                    """.formatted(receiver.url(), SECRET);
            assertThat(changes(apply("?dry_run=true", document)))
                    .containsExactly("alert_channel hook created", "alert_channel mail created");
            assertThat(http.get("/api/v1/alert-channels").json().path("items")).isEmpty();
            var first = apply("", document);
            assertThat(changes(first)).containsExactly("alert_channel hook created", "alert_channel mail created");
            assertThat(apply("", document).body()).isEqualTo("{\"dry_run\":false,\"changes\":[],\"unchanged\":2}");
            var hook = http.get("/api/v1/alert-channels/hook").json();
            assertThat(hook.path("secret").asString()).isEqualTo("***");
            assertThat(hook.path("sends").toString()).isEqualTo("[\"down\",\"up\",\"at_risk\"]");
            assertThat(http.get("/api/v1/alert-channels/mail")
                            .json()
                            .path("jobs")
                            .toString())
                    .isEqualTo("{\"tags\":[\"eu\"]}");

            raise(); // a job without tags: for the webhook alone
            assertThat(receiver.complaints).isEmpty();
            assertThat(receiver.last().json().path("type").asString()).isEqualTo("job.down");
            assertThat(http.get("/api/v1/deliveries").json().path("items")).hasSize(1);

            var turned = "whsec_" + "QUFB".repeat(8);
            var changed = apply("", document.replace(SECRET, turned).replace("ops@", "on-call@"));
            assertThat(changes(changed)).containsExactly("alert_channel hook updated", "alert_channel mail updated");
            for (var told : List.of(first.body(), changed.body())) {
                assertThat(told).doesNotContain(SECRET, turned, receiver.url());
            }
            var wrong = apply("", document.replace("kind: email", "kind: sms"));
            assertThat(wrong.status()).isEqualTo(422);
            assertThat(wrong.json().path("errors").get(0).path("line").asInt()).isEqualTo(4);
            assertThat(changes(apply("?prune=true", "muster: v1\nset: production\nalert_channels: []\n")))
                    .containsExactlyInAnyOrder("alert_channel mail deleted", "alert_channel hook deleted");
        }
    }

    private Http.Answer apply(String query, String yaml) {
        return http.send(http.request("POST", "/api/v1/apply" + query, yaml)
                .setHeader("Content-Type", "application/yaml")
                .header("X-Api-Key", http.adminKey()));
    }

    private static List<String> changes(Http.Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json()
                .path("changes")
                .valueStream()
                .map(change ->
                        change.path("kind").asString() + " " + change.path("id").asString() + " "
                                + change.path("change").asString())
                .toList();
    }

    private static String webhook(WebhookReceiver receiver) {
        return "{\"kind\":\"webhook\",\"url\":\"" + receiver.url() + "\",\"secret\":\"" + SECRET + "\"}";
    }

    private void raise() {
        var job = new Alert.Job(1, "users-to-eu", "users intake to EU", List.of(), null);
        transaction.executeWithoutResult(_ -> alerts.raise(
                List.of(new Alert(
                        Type.JOB_DOWN,
                        job,
                        "intake-us",
                        "us-east-1",
                        null,
                        time.now(),
                        "it failed",
                        "Look.",
                        "/checks/users-to-eu")),
                time.now()));
        time.passes(Duration.ofSeconds(10));
        background.run();
    }
}
