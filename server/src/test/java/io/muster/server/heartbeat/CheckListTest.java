package io.muster.server.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.assertions.PlaywrightAssertions;
import io.muster.server.testing.Http;
import io.muster.server.testing.Looks;
import io.muster.server.testing.ServerTest;
import io.muster.server.testing.TestClock;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What people do with lists of checks: keep them, pause several, delete one; and what is shown while a job is declared. */
@ServerTest
class CheckListTest {
    private static final Pattern TOKEN = Pattern.compile("name=\"_csrf\" value=\"([^\"]+)\"");

    @Autowired
    Http http;

    @Autowired
    Checks checks;

    @Autowired
    TestChecks compat;

    @Autowired
    DeclaredChecks declared;

    @Autowired
    HeardChecks heard;

    @Autowired
    PlatformTransactionManager transactions;

    @Autowired
    JdbcClient db;

    @Autowired
    TestClock clock;

    @Test
    void a_person_keeps_views_that_nobody_else_sees() {
        var me = new Person("me@example.com");
        assertThat(me.post("/checks/-/views", "name=Down+in+EU&state=down&tag=eu")
                        .header("Location"))
                .endsWith("/checks?state=down&tag=eu");
        assertThat(me.get("/checks?state=").body()).contains("Down in EU", "/checks?state=down&amp;tag=eu");
        var id = db.sql("select id from check_view").query(Long.class).single();
        me.post("/checks/-/views/" + id, "act=rename&name=%3Cb%3E+EU");
        assertThat(me.get("/checks?state=").body()).contains("&lt;b> EU").doesNotContain("<b> EU");

        // the menu opens the one that is chosen, until it is chosen again
        me.post("/checks/-/views/" + id, "act=open");
        assertThat(me.get("/checks").header("Location")).endsWith("/checks?state=down&tag=eu");
        me.post("/checks/-/views/" + id, "act=open");
        assertThat(me.get("/checks").status()).isEqualTo(200);

        var other = new Person("other@example.com");
        assertThat(other.get("/checks").body()).doesNotContain("&lt;b> EU");
        assertThat(other.post("/checks/-/views/" + id, "act=delete").status()).isEqualTo(404);
        assertThat(http.get("/checks").body()).doesNotContain("Your views");
        assertThat(http.form("/checks/-/views", "name=x").status()).isEqualTo(403);

        me.post("/checks/-/views/" + id, "act=delete");
        assertThat(db.sql("select count(*) from check_view").query(Long.class).single())
                .isZero();
    }

    @Test
    void views_are_bounded_and_only_a_page_of_the_session_changes_them() {
        var me = new Person("me@example.com");
        assertThat(me.send("/checks/-/views", "name=forged").status()).isEqualTo(403);
        for (int n = 0; n < SavedViews.MOST; n++) {
            assertThat(me.post("/checks/-/views", "name=view-" + n).status()).isEqualTo(302);
        }
        assertThat(me.post("/checks/-/views", "name=one+more").status()).isEqualTo(422);
        assertThat(me.post("/checks/-/views", "name=view-3&state=up").status()).isEqualTo(302);
        assertThat(me.post("/checks/-/views", "name=+").status()).isEqualTo(422);
        var hundred = "%E8%AA%9E".repeat(100);
        assertThat(me.post("/checks/-/views", "name=view-3&q=" + hundred + "&tag=" + hundred + "&from=" + hundred)
                        .body())
                .contains("query must have 2000 characters at most");
        assertThat(db.sql("select count(*) from check_view").query(Long.class).single())
                .isEqualTo(SavedViews.MOST);
    }

    @Test
    void several_are_paused_and_resumed_at_once() {
        for (var slug : List.of("a", "b", "c")) checks.declare("default", slug, TestChecks.hourly(slug));
        assertThat(http.form("/checks", "act=pause&check=a&check=b&check=nobody&sort=name")
                        .header("Location"))
                .endsWith("/checks?sort=name");
        assertThat(status("a")).isEqualTo(Status.PAUSED);
        assertThat(status("c")).isEqualTo(Status.NEW);
        assertThat(http.form("/checks", "act=resume&check=b&check=c").status()).isEqualTo(302);
        assertThat(status("b")).isEqualTo(Status.NEW);
        assertThat(status("a")).isEqualTo(Status.PAUSED);
        assertThat(http.form("/checks", "act=pause").status()).isEqualTo(422);
        assertThat(http.form("/checks", "act=burn&check=a").status()).isEqualTo(422);
    }

    @Test
    void a_check_is_deleted_on_its_page_and_a_job_in_the_catalogue() {
        compat.daily("by-api");
        assertThat(http.get("/checks/by-api").body()).contains("/checks/by-api/delete");
        assertThat(http.form("/checks/by-api/delete", "").status()).isEqualTo(302);
        assertThat(http.get("/checks/by-api").status()).isEqualTo(404);

        assertThat(http.put("/api/v1/jobs/nightly", "{\"name\":\"Nightly\",\"every\":\"P1D\"}")
                        .status())
                .isEqualTo(201);
        assertThat(http.get("/checks/nightly").body()).contains("/catalogue/delete?kind=job&amp;id=nightly");
        assertThat(http.form("/checks/nightly/delete", "").status()).isEqualTo(409);
        assertThat(http.get("/catalogue/delete?kind=job&id=nightly").body()).contains("Delete the job nightly?");
        assertThat(http.form("/catalogue/delete", "noun=job&id=nightly").header("Location"))
                .endsWith("/checks?state=");
        assertThat(http.get("/checks/nightly").status()).isEqualTo(404);
        assertThat(http.get("/catalogue/delete?kind=job&id=nightly").status()).isEqualTo(404);
    }

    @Test
    void of_two_who_delete_a_check_at_once_the_second_is_told_that_there_is_none() throws Exception {
        var check = compat.daily("nightly");
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var second = new AtomicReference<Future<Http.Answer>>();
            new TransactionTemplate(transactions).executeWithoutResult(_ -> {
                declared.lockNames("default");
                second.set(threads.submit(() -> http.form("/checks/nightly/delete", "")));
                await().until(() -> db.sql("select count(*) > 0 from pg_locks where not granted")
                        .query(Boolean.class)
                        .single());
                checks.delete(List.of(check), clock.instant());
            });
            assertThat(second.get().get().status()).isEqualTo(404);
        }
    }

    @Test
    void whoever_names_or_deletes_a_check_waits_for_its_namesakes_and_keeps_nobody_waiting_meanwhile()
            throws Exception {
        var namesake = compat.daily("nightly");
        var other = compat.daily("weekly").uuid().value();
        for (Callable<Http.Answer> deed : List.<Callable<Http.Answer>>of(
                () -> http.post("/api/v3/checks/" + other, "{\"slug\":\"nightly\"}"),
                () -> http.delete("/api/v3/checks/" + other))) {
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                var done = new AtomicReference<Future<Http.Answer>>();
                new TransactionTemplate(transactions).executeWithoutResult(_ -> {
                    heard.lock(List.of(namesake.id())); // as a batch of pings does, in the order of ids
                    done.set(threads.submit(deed));
                    await().until(() -> db.sql("select count(*) > 0 from pg_locks where not granted")
                            .query(Boolean.class)
                            .single());
                    assertThat(heard.lockFree(List.of(other))).hasSize(1);
                });
                assertThat(done.get().get().status()).isEqualTo(200);
            }
        }
    }

    @Test
    void what_is_in_use_is_not_deleted_and_the_page_says_what_uses_it() {
        http.put(
                "/api/v1/policies/eu",
                "{\"name\":\"EU\",\"default\":\"deny\",\"max_dwell\":\"PT1H\",\"allow\":[\"EU\"]}");
        http.put(
                "/api/v1/tenants/acme",
                "{\"name\":\"Acme\",\"tier\":\"gold\",\"policy\":\"eu\",\"home\":\"eu-west-1\"}");
        var refused = http.form("/catalogue/delete", "noun=policy&id=eu");
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.body()).contains("It is in use", "tenants", "acme");
        assertThat(http.get("/api/v1/policies/eu").status()).isEqualTo(200);
    }

    @Test
    void while_a_job_is_declared_its_next_ten_times_are_shown_in_its_zone_and_in_utc() {
        clock.advance(Duration.between(clock.instant(), Instant.parse("2026-03-28T12:00:00Z")));
        var page = preview("cron=30+2+*+*+*&tz=Europe/Berlin");
        assertThat(page)
                .contains(
                        "Europe/Berlin",
                        "Sun 29 Mar 03:00:00 +02:00",
                        "Sun 29 Mar 01:00:00",
                        "Mon 30 Mar 02:30:00 +02:00");
        assertThat(page.split("<td class=\"num\">", -1)).hasSize(21);
        assertThat(preview("every=PT15M")).contains("Sat 28 Mar 12:15:00");
        assertThat(preview("oncalendar=Mon..Fri+02:00")).contains("Mon 30 Mar 02:00:00");
        assertThat(preview("cron=61+*")).contains("This is not cron yet");
        assertThat(preview("every=soon")).contains("Every is written like PT15M");
        assertThat(preview("every=PT1S")).contains("Every must be between PT1M and P365D");
        assertThat(preview("oncalendar=never")).contains("not a calendar expression yet");
        assertThat(preview("cron=0+2+*+*+*&tz=Middle/Earth")).contains("No time zone is called Middle/Earth");
        assertThat(preview("cron=0+2+*+*+*&every=PT1H")).contains("Only one of");
        assertThat(preview("")).doesNotContain("Next times");
    }

    @Test
    void badges_of_tags_are_offered_to_paste() {
        checks.declare("default", "a", TestChecks.hourly("a"));
        var page = http.get("/badges").body();
        assertThat(page).contains("All checks", ">eu<", "Markdown");
        var badge = page.replaceFirst("(?s).*src=\"(/badge/[^\"]*/eu\\.svg)\".*", "$1");
        assertThat(http.send(http.request("GET", badge, null)).status()).isEqualTo(200);
        assertThat(http.get("/badges?q=no").body()).contains("No tag is like that");
    }

    @Test
    void a_tag_leads_to_its_checks_whatever_is_in_it() {
        http.post("/api/v3/checks/", "{\"name\":\"Of it\",\"tags\":\"r&d c# c++ 100%\"}");
        http.post("/api/v3/checks/", "{\"name\":\"Zebra\",\"tags\":\"r c 100\"}");
        var page = http.get("/badges").body();
        for (var tag : List.of("r%26d", "c%23", "c%2B%2B", "100%25")) {
            assertThat(page).contains("href=\"/checks?tag=" + tag + "\"");
            assertThat(http.get("/checks?tag=" + tag).body()).contains("Of it").doesNotContain("Zebra");
        }
    }

    @Test
    @Tag("browser")
    void lists_are_walked_by_keyboard_and_look_right() {
        for (var slug : List.of("a", "b", "c")) checks.declare("default", slug, TestChecks.hourly("Job " + slug));
        try (var looks = new Looks(http)) {
            looks.at("/checks", page -> {
                page.keyboard().press("j");
                page.keyboard().press("j");
                PlaywrightAssertions.assertThat(page.locator("#c-b")).isFocused();
                page.keyboard().press("ArrowUp");
                PlaywrightAssertions.assertThat(page.locator("#c-a")).isFocused();
                PlaywrightAssertions.assertThat(page.locator("#bulk")).isHidden();
                page.keyboard().press("x");
                PlaywrightAssertions.assertThat(page.locator("#s-a")).isChecked();
                PlaywrightAssertions.assertThat(page.locator("#bulk")).isVisible();
                page.keyboard().press("/");
                PlaywrightAssertions.assertThat(page.locator("#f-q")).isFocused();
                page.locator("#bulk button").first().click();
                PlaywrightAssertions.assertThat(page.locator(".pill-mute").last())
                        .containsText("Paused");
                page.keyboard().press("k");
                page.keyboard().press("Enter");
                PlaywrightAssertions.assertThat(page.locator("h1")).containsText("Job a");
            });
            assertThat(looks.findings("/badges")).isEmpty();
            assertThat(looks.findings("/catalogue/delete?kind=job&id=a")).isEmpty();
            assertThat(looks.findings("/catalogue/declare?kind=job&id=a")).isEmpty();
        }
    }

    private String preview(String fields) {
        return http.form("/catalogue/declare/preview", "noun=job&id=new&name=New&" + fields)
                .body();
    }

    private Status status(String jobId) {
        return checks.find("default", jobId).orElseThrow().status();
    }

    /** Somebody who signed in. */
    private final class Person {
        private final String cookie;

        Person(String email) {
            var link =
                    http.post("/api/v1/sign-in-links", null).json().get("url").asString();
            var token = link.substring(link.indexOf("token=") + 6);
            var in = http.send(http.request(
                            "POST",
                            "/sign-in",
                            "token=" + token + "&email=" + email + "&password="
                                    + URLEncoder.encode("a long pass phrase", StandardCharsets.UTF_8))
                    .setHeader("Content-Type", "application/x-www-form-urlencoded"));
            cookie = in.header("Set-Cookie").split(";", 2)[0];
        }

        Http.Answer get(String path) {
            return http.send(http.request("GET", path, null).header("Cookie", cookie));
        }

        Http.Answer post(String path, String body) {
            var token = TOKEN.matcher(get("/checks?state=").body());
            assertThat(token.find()).isTrue();
            return send(path, body + "&_csrf=" + token.group(1));
        }

        /** Without what only our own pages know. */
        Http.Answer send(String path, String body) {
            return http.send(http.request("POST", path, body)
                    .setHeader("Content-Type", "application/x-www-form-urlencoded")
                    .header("Cookie", cookie));
        }
    }
}
