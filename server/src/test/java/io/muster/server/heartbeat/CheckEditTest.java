package io.muster.server.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.assertions.PlaywrightAssertions;
import io.muster.server.testing.FormOnPage;
import io.muster.server.testing.Http;
import io.muster.server.testing.Looks;
import io.muster.server.testing.ServerTest;
import io.muster.server.testing.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A check that the compatible API made is changed on its page. */
@ServerTest
class CheckEditTest {

    private static final String DAILY = "name=Nightly&slug=nightly&every=P1D&grace=PT1H";

    @Autowired
    Http http;

    @Autowired
    Checks checks;

    @Autowired
    TestChecks compat;

    @Autowired
    JdbcClient db;

    @Autowired
    TestClock clock;

    @Test
    void what_is_written_is_what_the_check_becomes() {
        compat.daily("nightly");
        assertThat(http.get("/checks/nightly").body()).contains("href=\"/checks/nightly/edit\"");
        assertThat(http.get("/checks/nightly/edit").body()).contains("value=\"P1D\"", "value=\"PT1H\"");

        var answer = http.form(
                "/checks/nightly/edit",
                "name=Backup+%3Cof%3E+all&slug=backup&tags=prod+db&desc=two%0D%0Alines&cron=30+2+*+*+*&tz=Europe/Berlin"
                        + "&grace=PT30M&post_only=on&filter_http_body=on&success_kw=done&failure_kw=error");
        assertThat(answer.header("Location")).endsWith("/checks/backup");
        var is = checks.find("default", "backup").orElseThrow().settings();
        assertThat(is.name()).isEqualTo("Backup <of> all");
        assertThat(is.tags()).isEqualTo("prod db");
        assertThat(is.description()).isEqualTo("two\nlines");
        assertThat(is.schedule()).isEqualTo(new Schedule.Cron("30 2 * * *", ZoneId.of("Europe/Berlin")));
        assertThat(is.grace()).isEqualTo(Duration.ofMinutes(30));
        assertThat(is.postOnly()).isTrue();
        assertThat(is.manualResume()).isFalse();
        assertThat(is.keywords()).isEqualTo(new Keywords("", "done", "error", false, false, true, false));
        assertThat(db.sql("select count(*) from own_event where action = 'check.updated' and resource = '/jobs/backup'")
                        .query(Long.class)
                        .single())
                .isEqualTo(1);

        // what the form shows then, sent back as it is, changes nothing
        assertThat(http.get("/checks/backup/edit").body())
                .contains(
                        "Backup &lt;of> all",
                        "two\nlines</textarea>",
                        "value=\"30 2 * * *\"",
                        "name=\"post_only\" checked");
        assertThat(http.get("/checks/nightly/edit").status()).isEqualTo(404);
        var events = updates();
        assertThat(http.form("/checks/backup/edit", edit("backup").body()).status())
                .isEqualTo(302);
        assertThat(checks.find("default", "backup").orElseThrow().settings()).isEqualTo(is);
        assertThat(updates()).isEqualTo(events);
    }

    @Test
    void texts_with_blanks_around_them_stay_as_the_api_left_them() {
        assertThat(http.post("/api/v3/checks/", """
                        {"name":" a\\nb ","slug":"odd","tags":" x  y ","desc":"\\n  two\\nlines\\n","schedule":" 02:00\\n12:00 ","success_kw":" ok","grace":90}""").status()).isEqualTo(201);
        var is = checks.find("default", "odd").orElseThrow().settings();
        assertThat(http.form("/checks/odd/edit", edit("odd").body()).status()).isEqualTo(302);
        assertThat(checks.find("default", "odd").orElseThrow().settings()).isEqualTo(is);
        assertThat(updates()).isZero();

        var other = edit("odd").write("desc", " indented\r\n").write("name", " b ");
        assertThat(http.form("/checks/odd/edit", other.body()).status()).isEqualTo(302);
        var after = checks.find("default", "odd").orElseThrow().settings();
        assertThat(after.description()).isEqualTo(" indented\n");
        assertThat(after.name()).isEqualTo("b");
        assertThat(after.tags()).isEqualTo(is.tags());
    }

    @Test
    void an_edit_of_what_was_changed_meanwhile_is_shown_again() {
        compat.daily("nightly");
        var late = edit("nightly").write("desc", "mine");
        clock.advance(Duration.ofSeconds(1));
        assertThat(http.form(
                                "/checks/nightly/edit",
                                edit("nightly").write("every", "PT2H").body())
                        .status())
                .isEqualTo(302);
        clock.advance(Duration.ofSeconds(1));
        var answer = http.form("/checks/nightly/edit", late.body());
        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.body()).contains("Somebody changed it", "Every is now PT2H", "mine</textarea>");
        var is = checks.find("default", "nightly").orElseThrow().settings();
        assertThat(is.description()).isEmpty();
        assertThat(is.schedule()).isEqualTo(new Schedule.Every(Duration.ofHours(2)));
        var again = new FormOnPage(answer.body(), "/checks/nightly/edit").write("every", "PT2H");
        assertThat(http.form("/checks/nightly/edit", again.body()).status()).isEqualTo(302);
        var after = checks.find("default", "nightly").orElseThrow().settings();
        assertThat(after.description()).isEqualTo("mine");
        assertThat(after.schedule()).isEqualTo(is.schedule());
    }

    @Test
    void a_calendar_of_several_lines_is_written_in_several_lines() {
        compat.with(
                "twice",
                TestChecks.schedule(
                        new Schedule.OnCalendar("02:00\n12:00", ZoneId.of("Europe/Berlin")), Duration.ofHours(1)));
        assertThat(edit("twice").value("oncalendar")).isEqualTo("02:00\r\n12:00");
        var later = edit("twice").write("oncalendar", "02:00\r\n13:00").body();
        assertThat(http.form("/checks/twice/edit/preview", later).body())
                .contains(" 02:00:00 +0", " 13:00:00 +0")
                .doesNotContain(" 12:00:00 +0");
        assertThat(http.form("/checks/twice/edit", later).status()).isEqualTo(302);
        assertThat(checks.find("default", "twice").orElseThrow().schedule())
                .isEqualTo(new Schedule.OnCalendar("02:00\n13:00", ZoneId.of("Europe/Berlin")));
    }

    private FormOnPage edit(String id) {
        return new FormOnPage(http.get("/checks/" + id + "/edit").body(), "/checks/" + id + "/edit");
    }

    private long updates() {
        return db.sql("select count(*) from own_event where action = 'check.updated'")
                .query(Long.class)
                .single();
    }

    @Test
    void what_is_wrong_is_said_at_its_field_and_changes_nothing() {
        var before = compat.daily("nightly").settings();
        refused(DAILY.replace("every=P1D", "every=soon"), "Every must be like PT15M");
        refused(DAILY.replace("every=P1D", "every=PT10S"), "Every is too small");
        refused(DAILY.replace("every=P1D", "every=PT1H0.5S"), "Every must be like PT15M");
        refused(DAILY.replace("every=P1D", ""), "Every must be given, or Cron or OnCalendar");
        refused(DAILY + "&cron=0+2+*+*+*", "Every must be given, or Cron or OnCalendar: one of the three");
        refused(DAILY.replace("every=P1D", "cron=61+*+*+*+*"), "Cron ");
        refused(DAILY.replace("every=P1D", "oncalendar=never"), "OnCalendar ");
        refused(DAILY + "&tz=Middle/Earth", "Time zone is not a valid timezone");
        refused(DAILY.replace("slug=nightly", "slug=Night+ly"), "Slug does not match pattern");
        refused(DAILY.replace("grace=PT1H", ""), "Grace must be like PT15M");
        refused(DAILY + "&channels=chosen&channel=nobody", "invalid channel identifier: nobody");
        assertThat(checks.find("default", "nightly").orElseThrow().settings()).isEqualTo(before);
    }

    private void refused(String form, String why) {
        var answer = http.form("/checks/nightly/edit", form);
        assertThat(answer.status()).as(form).isEqualTo(422);
        assertThat(answer.body()).contains(why, "Nothing was changed");
    }

    @Test
    void people_choose_which_channels_hear_of_it() {
        for (var id : List.of("boss", "ops")) {
            http.put("/api/v1/alert-channels/" + id, "{\"kind\":\"email\",\"to\":\"" + id + "@acme.example\"}");
        }
        compat.daily("nightly");
        assertThat(http.form("/checks/nightly/edit", DAILY + "&channels=chosen&channel=ops")
                        .status())
                .isEqualTo(302);
        assertThat(channels()).containsExactly("ops");
        assertThat(http.get("/checks/nightly/edit").body())
                .contains("name=\"channel\" value=\"ops\" checked")
                .doesNotContain("name=\"channel\" value=\"boss\" checked");
        http.form("/checks/nightly/edit", DAILY);
        assertThat(channels()).as("a form without them leaves them").containsExactly("ops");
        http.form("/checks/nightly/edit", DAILY + "&channels=chosen");
        assertThat(channels()).isEmpty();
    }

    private List<String> channels() {
        return checks.find("default", "nightly").orElseThrow().settings().channels();
    }

    @Test
    void a_declared_job_is_edited_in_the_catalogue() {
        checks.declare("default", "hourly", TestChecks.hourly("Hourly"));
        assertThat(http.get("/checks/hourly").body()).contains("/catalogue/declare?kind=job&amp;id=hourly");
        assertThat(http.get("/checks/hourly/edit").status()).isEqualTo(409);
        assertThat(http.form("/checks/hourly/edit", DAILY).status()).isEqualTo(409);
        assertThat(checks.find("default", "hourly").orElseThrow().name()).isEqualTo("Hourly");
    }

    @Test
    void its_next_ten_times_follow_what_is_written() {
        clock.advance(Duration.between(clock.instant(), Instant.parse("2026-10-24T12:00:00Z")));
        compat.daily("nightly");
        var times = http.form("/checks/nightly/edit/preview", "cron=30+2+*+*+*&tz=Europe/Berlin")
                .body();
        // the clocks go back on the 25th: half past two comes twice, and the job is awaited once
        assertThat(times)
                .contains("Sun 25 Oct 02:30:00 +02:00", "Mon 26 Oct 02:30:00 +01:00", "Mon 26 Oct 01:30:00")
                .doesNotContain("Sun 25 Oct 02:30:00 +01:00");
        assertThat(times.split("data-t=\"here\"", -1)).hasSize(11);
        assertThat(http.form("/checks/nightly/edit/preview", "").body()).contains("shown here once");
    }

    @Test
    @Tag("browser")
    void the_form_looks_right_and_shows_times_in_its_zone_and_the_readers() {
        http.put("/api/v1/alert-channels/ops", "{\"kind\":\"email\",\"to\":\"ops@acme.example\"}");
        compat.daily("nightly");
        try (var looks = new Looks(http)) {
            looks.at("/checks/nightly", page -> {
                page.getByText("Edit check").click();
                PlaywrightAssertions.assertThat(page.locator("#drawer h2")).hasText("Edit nightly");
                page.fill("#f-every", "");
                page.fill("#f-cron", "0 12 * * *");
                page.fill("#f-tz", "Asia/Tokyo");
                page.locator("#f-tz").blur();
                PlaywrightAssertions.assertThat(page.locator("#ed-times th").first())
                        .hasText("Asia/Tokyo");
                PlaywrightAssertions.assertThat(page.locator("#ed-times th").last())
                        .hasText("Your clock, " + Looks.ZONE);
                PlaywrightAssertions.assertThat(page.locator("#ed-times td").first())
                        .containsText("12:00:00 +09:00");
                // noon in Tokyo is 23:00 of the day before in New York, an hour earlier or later by the season
                assertThat(page.locator("#ed-times td").nth(1).innerText()).matches(".* 2[23]:00:00");
            });
            assertThat(looks.findings("/checks/nightly/edit")).isEmpty();
        }
    }
}
