package io.muster.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.testing.Http;
import io.muster.server.testing.ServerTest;
import io.muster.server.testing.TestClock;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

@ServerTest
class SignInTest {

    private static final String PASSWORD = "three words long";

    @Autowired
    Http http;

    @Autowired
    TestClock clock;

    @Autowired
    JdbcClient db;

    @Autowired
    Access access;

    @BeforeEach
    void otherTestsGuessesAreForgotten() {
        clock.advance(Duration.ofDays(DAYS++));
    }

    private static int DAYS = 1;

    @Test
    void a_link_shows_a_form_any_number_of_times_and_works_once() {
        var link = link();
        for (int n = 0; n < 3; n++) {
            var page = http.send(http.request("GET", link, null));
            assertThat(page.status()).isEqualTo(200);
            assertThat(page.body()).contains("Who runs this installation?");
        }
        var in = post(link, "email", "Me@Example.com ", "password", PASSWORD);
        assertThat(in.status()).isEqualTo(303);
        assertThat(in.header("Location")).isEqualTo("/");
        assertThat(in.header("Set-Cookie"))
                .contains("HttpOnly", "SameSite=Lax", "Path=/")
                .doesNotContain("Secure");
        assertThat(page(cookie(in)).status()).isEqualTo(200);

        assertThat(http.send(http.request("GET", link, null)).status()).isEqualTo(410);
        assertThat(post(link, "email", "thief@example.com", "password", PASSWORD)
                        .status())
                .isEqualTo(410);
        assertThat(post("/sign-in", "email", "me@example.com", "password", PASSWORD)
                        .status())
                .isEqualTo(303);
        assertThat(actions())
                .containsSubsequence("account.created", "session.opened", "session.refused", "session.opened");
    }

    @Test
    void a_link_ends_after_a_day() {
        var link = link();
        clock.advance(Duration.ofHours(24));
        assertThat(http.send(http.request("GET", link, null)).status()).isEqualTo(410);
        assertThat(post(link, "email", "me@example.com", "password", PASSWORD).status())
                .isEqualTo(410);
    }

    @Test
    void what_is_refused_does_not_use_the_link_up() {
        var link = link();
        var shortly = post(link, "email", "me@example.com", "password", "elevenchars");
        assertThat(shortly.status()).isEqualTo(422);
        assertThat(shortly.body()).contains("must have 12 to 1,000 characters; got 11", "value=\"me@example.com\"");
        assertThat(shortly.body()).doesNotContain("elevenchars");
        assertThat(post(link, "email", "me", "password", PASSWORD).status()).isEqualTo(422);
        assertThat(post(link, "email", "me@example.com", "password", PASSWORD).status())
                .isEqualTo(303);
    }

    @Test
    void a_link_for_an_account_that_is_there_sets_its_password_and_ends_its_sessions() {
        var old = cookie(post(link(), "email", "me@example.com", "password", PASSWORD));
        var link = link();
        assertThat(http.send(http.request("GET", link, null)).body()).contains("Which account is yours?");
        post(link, "email", "me@example.com", "password", "another pass phrase");
        assertThat(page(old).status()).isEqualTo(303);
        assertThat(post("/sign-in", "email", "me@example.com", "password", PASSWORD)
                        .status())
                .isEqualTo(403);
        assertThat(post("/sign-in", "email", "me@example.com", "password", "another pass phrase")
                        .status())
                .isEqualTo(303);
    }

    @Test
    void after_ten_wrong_tries_even_the_right_password_must_wait() {
        post(link(), "email", "me@example.com", "password", PASSWORD);
        for (int n = 0; n < 10; n++) {
            assertThat(post("/sign-in", "email", "me@example.com", "password", "wrong password " + n)
                            .status())
                    .isEqualTo(403);
        }
        var locked = post("/sign-in", "email", "me@example.com", "password", PASSWORD);
        assertThat(locked.status()).isEqualTo(429);
        assertThat(locked.header("Retry-After")).isEqualTo("900");
        assertThat(locked.body()).contains("Too many wrong tries: wait 15 min.");
        clock.advance(Duration.ofMinutes(15));
        assertThat(post("/sign-in", "email", "me@example.com", "password", PASSWORD)
                        .status())
                .isEqualTo(303);
    }

    @Test
    void who_guesses_behind_a_proxy_is_not_somebody_else_at_each_try_by_making_up_addresses() {
        post(link(), "email", "me@example.com", "password", PASSWORD);
        for (int n = 0; n < 10; n++) {
            assertThat(guess("7.7.7." + n + ", 198.51.100.7").status()).isEqualTo(403);
        }
        assertThat(guess("7.7.7.99, 198.51.100.7").status()).isEqualTo(429);
        assertThat(guess("198.51.100.8").status()).isEqualTo(403);
        assertThat(db.sql("select distinct ip from own_event where action = 'session.refused' order by ip")
                        .query(String.class)
                        .list())
                .containsExactly("198.51.100.7", "198.51.100.8");
    }

    private Http.Answer guess(String forwarded) {
        return http.sendThroughProxy(form("/sign-in", "email", "me@example.com", "password", "wrong password")
                .header("X-Forwarded-For", forwarded));
    }

    @Test
    void what_a_stranger_says_of_itself_is_not_believed() {
        post(link(), "email", "me@example.com", "password", PASSWORD);
        http.send(form("/sign-in", "email", "me@example.com", "password", "wrong password")
                .header("X-Forwarded-For", "198.51.100.7")
                .header("X-Forwarded-Proto", "https"));
        assertThat(db.sql("select ip from own_event where action = 'session.refused'")
                        .query(String.class)
                        .single())
                .isEqualTo("127.0.0.1");
    }

    @Test
    void an_unknown_e_mail_gets_the_same_answer_as_a_wrong_password() {
        post(link(), "email", "me@example.com", "password", PASSWORD);
        var unknown = post("/sign-in", "email", "you@example.com", "password", PASSWORD);
        var wrong = post("/sign-in", "email", "me@example.com", "password", "wrong password");
        assertThat(unknown.status()).isEqualTo(wrong.status()).isEqualTo(403);
        assertThat(unknown.body().replace("you@", "me@")).isEqualTo(wrong.body());
    }

    @Test
    void a_session_ends_when_unused_for_12_hours_after_7_days_and_by_signing_out() {
        var idle = cookie(post(link(), "email", "me@example.com", "password", PASSWORD));
        clock.advance(Duration.ofHours(12));
        assertThat(page(idle).status()).isEqualTo(303);

        var used = cookie(post("/sign-in", "email", "me@example.com", "password", PASSWORD));
        for (int n = 0; n < 7 * 4 - 1; n++) {
            clock.advance(Duration.ofHours(6));
            assertThat(page(used).status()).isEqualTo(200);
        }
        clock.advance(Duration.ofHours(6));
        assertThat(page(used).status()).isEqualTo(303);

        var left = cookie(post("/sign-in", "email", "me@example.com", "password", PASSWORD));
        var out = send("/sign-out", left, "_csrf", csrf(left));
        assertThat(out.status()).isEqualTo(303);
        assertThat(out.header("Set-Cookie")).startsWith("muster_session=;").contains("Max-Age=0");
        assertThat(page(left).status()).isEqualTo(303);
    }

    @Test
    void what_another_site_makes_a_browser_send_is_refused() {
        var cookie = cookie(post(link(), "email", "me@example.com", "password", PASSWORD));
        var other = cookie(post("/sign-in", "email", "me@example.com", "password", PASSWORD));
        for (var token : List.of("", "x", ".", "a.b", csrf(other))) {
            var forged = send("/sign-out", cookie, "_csrf", token);
            assertThat(forged.status()).as(token).isEqualTo(403);
            assertThat(forged.json().get("type").asString()).isEqualTo("/problems/csrf");
        }
        assertThat(page(cookie).status()).isEqualTo(200);

        for (var header : List.of(
                "Origin: https://evil.example",
                "Origin: null",
                "Sec-Fetch-Site: cross-site",
                "Sec-Fetch-Site: same-site")) {
            var parts = header.split(": ");
            var login = http.send(form("/sign-in", "email", "me@example.com", "password", PASSWORD)
                    .header(parts[0], parts[1]));
            assertThat(login.status()).as(header).isEqualTo(403);
        }
    }

    @Test
    void a_session_that_was_planted_before_signing_in_is_worth_nothing() {
        var planted = "muster_session=" + Tokens.fresh();
        var in = http.send(
                form(link(), "email", "me@example.com", "password", PASSWORD).header("Cookie", planted));
        assertThat(cookie(in)).isNotEqualTo(planted);
        assertThat(page(planted).status()).isEqualTo(303);
    }

    @Test
    void a_person_without_a_session_is_led_to_the_sign_in_page_and_back() {
        var away = http.send(http.request("GET", "/checks?state=down", null).header("Accept", "text/html"));
        assertThat(away.status()).isEqualTo(303);
        assertThat(away.header("Location")).isEqualTo("/sign-in?to=%2Fchecks%3Fstate%3Ddown");
        post(link(), "email", "me@example.com", "password", PASSWORD);
        var back = post("/sign-in", "email", "me@example.com", "password", PASSWORD, "to", "/checks?state=down");
        assertThat(back.header("Location")).isEqualTo("/checks?state=down");
        for (var elsewhere : List.of(
                "//evil.example", "/\\evil.example", "https://evil.example", "javascript:x", "/x\r\nSet-Cookie: a=b")) {
            var led = post("/sign-in", "email", "me@example.com", "password", PASSWORD, "to", elsewhere);
            assertThat(led.header("Location")).as(elsewhere).isEqualTo("/");
        }
    }

    @Test
    void neither_passwords_nor_tokens_are_in_the_database() {
        var link = link();
        var in = post(link, "email", "me@example.com", "password", PASSWORD);
        assertThat(db.sql("select password from account").query(String.class).single())
                .startsWith("{pbkdf2-sha512}1000$")
                .doesNotContain(PASSWORD);
        var token = cookie(in).substring("muster_session=".length());
        assertThat(db.sql("select count(*) from session where id = :token")
                        .param("token", token.getBytes(StandardCharsets.UTF_8))
                        .query(Long.class)
                        .single())
                .isZero();
        assertThat(db.sql("select string_agg(details::text, '') from own_event")
                        .query(String.class)
                        .single())
                .doesNotContain(token)
                .doesNotContain(link.substring(link.indexOf('=') + 1));
    }

    private String link() {
        var answer = http.post("/api/v1/sign-in-links", null);
        assertThat(answer.status()).isEqualTo(201);
        var url = answer.json().get("url").asString();
        assertThat(url).startsWith(http.base() + "/sign-in?token=");
        return url.substring(http.base().length());
    }

    private List<String> actions() {
        return db.sql("select action from own_event order by id")
                .query(String.class)
                .list();
    }

    private Http.Answer page(String cookie) {
        return http.send(
                http.request("GET", "/checks", null).header("Cookie", cookie).header("Accept", "text/html"));
    }

    private String csrf(String cookie) {
        access.become(Caller.MUSTER, cookie.substring("muster_session=".length()));
        return access.csrf();
    }

    private Http.Answer post(String path, String... fields) {
        return http.send(form(path, fields));
    }

    private Http.Answer send(String path, String cookie, String... fields) {
        return http.send(form(path, fields).header("Cookie", cookie));
    }

    /** The query goes into the form, as the page's own form sends it. */
    private HttpRequest.Builder form(String path, String... fields) {
        var parts = path.split("\\?", 2);
        var body = new StringBuilder(parts.length == 2 ? parts[1] : "");
        for (int n = 0; n < fields.length; n += 2) {
            body.append('&')
                    .append(fields[n])
                    .append('=')
                    .append(URLEncoder.encode(fields[n + 1], StandardCharsets.UTF_8));
        }
        return http.request("POST", parts[0], body.toString())
                .setHeader("Content-Type", "application/x-www-form-urlencoded");
    }

    private static String cookie(Http.Answer answer) {
        var matcher = Pattern.compile("muster_session=[^;]+").matcher(answer.header("Set-Cookie"));
        assertThat(matcher.find()).as(answer.status() + " " + answer.body()).isTrue();
        return matcher.group();
    }
}
