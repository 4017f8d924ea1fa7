package io.muster.server.keys;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.testing.Http;
import io.muster.server.testing.ServerTest;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

@ServerTest
class CursorsTest {
    private static final List<String> LISTS = List.of(
            "/api/v1/regions",
            "/api/v1/tiers",
            "/api/v1/tenants",
            "/api/v1/jobs",
            "/api/v1/keys",
            "/api/v1/exposures",
            "/api/v1/residency",
            "/api/v1/deliveries",
            "/api/v1/jobs/one/flips",
            "/api/v1/jobs/two/flips");

    @Autowired
    Http http;

    @BeforeEach
    void twoOfSome() {
        for (var id : List.of("one", "two")) {
            var job = http.put("/api/v1/jobs/" + id, "{\"name\":\"Job\",\"every\":\"PT1H\"}");
            var url = job.json().path("ping_url").asString();
            for (var report : List.of("", "/fail", "")) {
                assertThat(http.send(http.request("GET", url.substring(url.indexOf("/ping/")) + report, null))
                                .status())
                        .isEqualTo(200);
            }
            http.post("/api/v1/keys", "{\"name\":\"k\",\"may\":\"read\"}");
        }
    }

    @Test
    void a_cursor_leads_on_in_its_own_list_and_is_none_in_any_other() {
        var cursors = new LinkedHashMap<String, String>();
        for (var list : LISTS) {
            var page = http.get(list + "?limit=1").json();
            if (page.path("next").isString())
                cursors.put(list, page.path("next").asString());
        }
        assertThat(cursors)
                .containsOnlyKeys(
                        "/api/v1/regions",
                        "/api/v1/tiers",
                        "/api/v1/jobs",
                        "/api/v1/keys",
                        "/api/v1/jobs/one/flips",
                        "/api/v1/jobs/two/flips");
        cursors.forEach((from, cursor) -> {
            assertThat(cursor).matches("[A-Za-z0-9_-]+");
            for (var list : LISTS) {
                var answer = http.get(list + "?cursor=" + cursor);
                assertThat(answer.status()).as(from + " in " + list).isEqualTo(list.equals(from) ? 200 : 400);
                if (!list.equals(from)) {
                    assertThat(answer.json().path("type").asString()).isEqualTo("/problems/bad_cursor");
                }
            }
            for (var page : List.of("/exposures", "/checks", "/catalogue")) {
                assertThat(http.get(page + "?cursor=" + cursor).status())
                        .as(from + " in " + page)
                        .isEqualTo(400);
            }
        });
    }

    @Test
    void a_limit_is_a_number_from_1_to_1000_in_every_list() {
        for (var list : LISTS) {
            for (var limit : List.of("0", "1001", "-1", "x", "1.5", "99999999999")) {
                assertThat(http.get(list + "?limit=" + limit).status())
                        .as(list + " " + limit)
                        .isEqualTo(422);
            }
            assertThat(http.get(list + "?limit=1000").status()).as(list).isEqualTo(200);
        }
    }
}
