package io.muster.server.residency;

import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.residency.bucket.FakeAzure;
import io.muster.server.residency.bucket.FakeS3;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Muster looks into buckets: what lies there opens exposures, what is gone closes them, and what is not sure proves nothing. */
class BucketProbeTest extends Probing {

    private final FakeS3 s3 = new FakeS3();
    private final FakeAzure azure = new FakeAzure();

    @BeforeEach
    void declare() throws IOException {
        secret("s3-key", FakeS3.KEY);
        secret("s3-secret", FakeS3.SECRET);
        secret("azure-account", FakeAzure.ACCOUNT);
        secret("azure-key", FakeAzure.KEY);
        secret("azure-sas", FakeAzure.SAS);
        store("intake-us", "us-east-1", "\"all\"");
    }

    @AfterEach
    void close() {
        s3.close();
        azure.close();
    }

    @Test
    void objects_that_linger_open_an_exposure_of_their_tenant_and_close_it_when_they_are_gone() {
        s3.put("intake/acme/a.json", "2026-03-01T02:30:00Z", 100);
        s3.put("intake/acme/b.json", "2026-03-01T02:50:00Z", 23);
        s3.put("intake/globex/", "2026-03-01T01:00:00Z", 0); // a folder, as consoles make them
        s3.put("elsewhere/globex/c.json", "2026-03-01T01:00:00Z", 7);
        probe("intake-us", "intake/{tenant}/", "");
        look();
        assertThat(open()).hasSize(1);
        var exposure = open().get(0);
        assertThat(exposure.get("tenant").asString()).isEqualTo("acme");
        assertThat(exposure.get("state").asString()).isEqualTo("violation");
        assertThat(exposure.get("evidence").asString()).isEqualTo("measured");
        assertThat(exposure.get("rows").asLong()).isEqualTo(2);
        assertThat(exposure.get("violation_at").asString()).isEqualTo("2026-03-01T02:50:00.000Z");

        s3.delete("intake/acme/a.json");
        s3.delete("intake/acme/b.json");
        time.passes(ofMinutes(1));
        background.run();
        time.passes(Duration.ZERO);
        assertThat(open()).isEmpty();
        assertThat(s3.seen()).allMatch(request -> request.startsWith("GET "));
    }

    @Test
    void run_answers_objects_bytes_and_the_oldest() {
        s3.put("intake/acme/a b+c?ü&.json", "2026-03-01T02:59:30Z", 100);
        s3.put("intake/globex/a.json", "2026-03-01T02:58:00Z", 23);
        probe("intake-us", "intake/{tenant}/", "");
        var answer = run("bucket");
        assertThat(answer.get("state").asString()).as(answer.toString()).isEqualTo("ok");
        assertThat(answer.get("rows").asLong()).isEqualTo(2);
        assertThat(answer.get("bytes").asLong()).isEqualTo(123);
        assertThat(answer.get("remarks")).isEmpty();
        var first = answer.get("tenants").get(0);
        assertThat(first.get("tenant").asString()).isEqualTo("globex");
        assertThat(first.get("bytes").asLong()).isEqualTo(23);
        assertThat(first.get("oldest").asString()).isEqualTo("2026-03-01T02:58:00.000Z");
    }

    @Test
    void long_lists_are_read_page_by_page_and_too_long_ones_prove_nothing() {
        for (int i = 0; i < 2_500; i++) s3.put("intake/acme/%06d".formatted(i), "2026-03-01T02:59:00Z", 1);
        probe("intake-us", "intake/{tenant}/", ", \"timeout\":\"PT5M\"");
        assertThat(run("bucket").get("rows").asLong()).isEqualTo(2_500);
        assertThat(s3.seen().stream().filter(query -> query.contains("list-type=2")))
                .hasSize(3);
        for (int i = 0; i < 100_001; i++) s3.put("intake/acme/%06d".formatted(i), "2026-03-01T02:59:00Z", 1);
        assertThat(failure()).contains("more than 100000 objects");
    }

    @Test
    void only_what_is_older_counts_and_what_is_younger_is_not_proven_gone() {
        s3.put("intake/acme/new.json", "2026-03-01T02:58:00Z", 1);
        s3.put("intake/globex/old.json", "2026-03-01T02:50:00Z", 1);
        probe("intake-us", "intake/{tenant}/", ",\"older_than\":\"PT5M\"");
        var answer = run("bucket");
        assertThat(answer.get("tenants_total").asLong()).isEqualTo(1);
        assertThat(answer.get("tenants").get(0).get("tenant").asString()).isEqualTo("globex");
        // a job that claims nothing: then the probe's word stands, up to the five minutes of which it does not speak
        ok(http.put("/api/v1/stores/users-eu", "{\"region\":\"eu-west-1\",\"role\":\"primary\",\"kind\":\"s3\"}"));
        time.passes(ofMinutes(2));
        ok(http.put("/api/v1/jobs/sweep", """
                {"name":"Users to EU","every":"PT10M","replicates":{"from":"intake-us","to":"users-eu"}}"""));
        s3.delete("intake/acme/new.json");
        time.passes(ofMinutes(14));
        run("bucket");
        var place = http.get("/api/v1/residency?tenant=acme").json().get("items");
        assertThat(place.get(0).get("store").asString()).isEqualTo("intake-us");
        assertThat(place.get(0).get("lag_seconds").asLong()).isEqualTo(300);
    }

    @Test
    void objects_that_do_not_say_whose_they_are_concern_each_tenant_of_the_store() {
        s3.put("drop/a.json", "2026-03-01T02:30:00Z", 100);
        probe("intake-us", "drop/", "");
        look();
        assertThat(open()).hasSize(2);
        for (var exposure : open()) {
            assertThat(exposure.get("rows").isNull()).isTrue();
            assertThat(exposure.get("history").get(0).get("why").asString())
                    .startsWith("probe bucket saw data and cannot tell whose, the oldest of 02:30:00 UTC");
            assertThat(http.get("/exposures/" + exposure.get("id").asString()).body())
                    .contains("data of which any may be this tenant");
        }
        s3.delete("drop/a.json");
        time.passes(ofMinutes(1));
        background.run();
        time.passes(Duration.ZERO);
        assertThat(open()).isEmpty();
    }

    @Test
    void objects_in_the_store_of_one_tenant_are_that_tenants() {
        store("intake-us", "us-east-1", "[\"globex\"]");
        s3.put("drop/a.json", "2026-03-01T02:30:00Z", 100);
        probe("intake-us", "drop/", "");
        look();
        assertThat(open()).hasSize(1);
        assertThat(open().get(0).get("tenant").asString()).isEqualTo("globex");
        assertThat(open().get(0).get("rows").asLong()).isEqualTo(1);
    }

    @Test
    void deleted_objects_count_as_long_as_the_bucket_keeps_their_versions() {
        s3.keepsVersions = true;
        s3.put("intake/acme/a.json", "2026-03-01T02:30:00Z", 100);
        s3.delete("intake/acme/a.json");
        for (int i = 0; i < 1_500; i++) s3.put("intake/globex/%06d".formatted(i), "2026-03-01T02:59:00Z", 1);
        probe("intake-us", "intake/{tenant}/", "");
        var answer = run("bucket");
        assertThat(answer.get("rows").asLong()).isEqualTo(1_501);
        assertThat(answer.get("remarks").get(0).asString()).contains("keeps versions");
    }

    @Test
    void bucket_elsewhere_than_declared_proves_nothing_and_says_so() {
        s3.location = "eu-west-1";
        probe("intake-us", "intake/{tenant}/", "");
        assertThat(failure())
                .isEqualTo("wrong region: the bucket is in eu-west-1, and store intake-us is declared in us-east-1");
        assertThat(http.get("/catalogue?kind=stores").body()).contains("wrong region: the bucket is in eu-west-1");
        assertThat(open()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"'', does not say in which region", "default, which is none of the catalogue"})
    void bucket_that_does_not_tell_its_region_is_remarked_upon(String location, String remark) {
        s3.location = location;
        probe("intake-us", "intake/{tenant}/", "");
        var answer = run("bucket");
        assertThat(answer.get("state").asString()).isEqualTo("ok");
        assertThat(answer.get("remarks").get(0).asString()).contains(remark);
        assertThat(http.get("/api/v1/probes/bucket").json().get("remark").asString())
                .contains(remark);
    }

    @Test
    void server_that_wants_another_region_in_signatures_gets_it() {
        s3.signedFor = "garage";
        probe("intake-us", "intake/{tenant}/", "");
        assertThat(run("bucket").get("state").asString()).isEqualTo("ok");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "403 AccessDenied",
                "404 NoSuchBucket",
                "503 SlowDown",
                "301 PermanentRedirect",
                "400 InvalidArgument"
            })
    void refusal_proves_nothing_and_is_told_in_the_buckets_words(String refusal) {
        s3.refusing = refusal;
        probe("intake-us", "intake/{tenant}/", "");
        assertThat(failure()).startsWith("the bucket answers " + refusal).doesNotContain(FakeS3.KEY);
        assertThat(s3.seen()).noneMatch(request -> request.contains("elsewhere"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<html>sign in</html>",
                "not XML",
                "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><ListBucketResult><Contents><Key>&x;</Key></Contents></ListBucketResult>",
                "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
                "<ListBucketResult><Contents><Key>intake/acme/a</Key></Contents></ListBucketResult>",
                "<ListBucketResult><Contents><Key>other/a</Key><LastModified>2026-03-01T02:30:00Z</LastModified></Contents></ListBucketResult>"
            })
    void answer_that_is_no_list_proves_nothing(String nonsense) {
        s3.nonsense = nonsense;
        probe("intake-us", "intake/{tenant}/", "");
        assertThat(failure()).isNotBlank().doesNotContain("root:");
    }

    @Test
    void answer_without_end_is_cut_off() {
        s3.nonsense = "<ListBucketResult>" + " ".repeat(9 << 20) + "</ListBucketResult>";
        probe("intake-us", "intake/{tenant}/", "");
        assertThat(failure()).contains("no answer from 127.0.0.1");
    }

    @Test
    void object_whose_key_names_no_tenant_proves_nothing() {
        s3.put("intake/stray.json", "2026-03-01T02:30:00Z", 1);
        probe("intake-us", "intake/{tenant}/", "");
        assertThat(failure()).isEqualTo("an object lies where its key names no tenant");
    }

    @Test
    void wrong_secret_proves_nothing() throws IOException {
        secret("s3-secret", "another");
        probe("intake-us", "intake/{tenant}/", "");
        assertThat(failure()).contains("403 SignatureDoesNotMatch");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gcs", "other"})
    void store_of_a_kind_that_cannot_be_looked_into_is_unknown(String kind) {
        ok(http.put("/api/v1/stores/queue", """
                {"region":"us-east-1","role":"intake","kind":"%s","url":"https://127.0.0.1/x"}""".formatted(kind)));
        probe("queue", "intake/{tenant}/", "");
        assertThat(failure()).isEqualTo("store queue is of kind " + kind + ", into which Muster cannot look");
    }

    @Test
    void query_for_a_bucket_and_prefix_for_a_database_say_what_is_wanted() {
        ok(http.put("/api/v1/probes/bucket", "{\"store\":\"intake-us\",\"sql\":\"select 1\",\"every\":\"PT1M\"}"));
        assertThat(failure()).contains("give `prefix` in place of `sql`");
        ok(http.put("/api/v1/stores/db", """
                {"region":"us-east-1","role":"intake","kind":"postgresql","url":"postgresql://127.0.0.1:1/x"}"""));
        probe("db", "intake/", "");
        assertThat(failure()).contains("give `sql` in place of `prefix`");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"store\":\"intake-us\",\"every\":\"PT1M\"}",
                "{\"store\":\"intake-us\",\"every\":\"PT1M\",\"prefix\":\"a/\",\"sql\":\"select 1\"}",
                "{\"store\":\"intake-us\",\"every\":\"PT1M\",\"sql\":\"select 1\",\"older_than\":\"PT5M\"}",
                "{\"store\":\"intake-us\",\"every\":\"PT1M\",\"prefix\":\"a/\",\"older_than\":\"PT0S\"}",
                "{\"store\":\"intake-us\",\"every\":\"PT1M\",\"prefix\":\"a-{tenant}\"}",
                "{\"store\":\"intake-us\",\"every\":\"PT1M\",\"prefix\":\"a/\",\"bucket\":\"b\"}"
            })
    void declaration_that_makes_no_sense_is_refused(String body) {
        assertThat(http.put("/api/v1/probes/bucket", body).status()).isEqualTo(422);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"user\":\"file:azure-account\",\"password\":\"file:azure-key\"",
                "\"password\":\"file:azure-sas\""
            })
    void azure_container_is_read_with_the_accounts_key_or_a_sas(String login) {
        for (int i = 0; i < 1_200; i++) azure.put("intake/acme/%06d&".formatted(i), "2026-03-01T02:58:00Z", 2);
        azure.put("intake/globex/x", "2026-03-01T02:50:00Z", 3);
        azureStore(login);
        probe("blobs", "intake/{tenant}/", "");
        var answer = run("bucket");
        assertThat(answer.get("state").asString()).as(answer.toString()).isEqualTo("ok");
        assertThat(answer.get("rows").asLong()).isEqualTo(1_201);
        assertThat(answer.get("bytes").asLong()).isEqualTo(2_403);
        assertThat(answer.get("tenants").get(0).get("oldest").asString()).isEqualTo("2026-03-01T02:50:00.000Z");
        assertThat(answer.get("remarks").get(0).asString()).contains("does not say in which region");
        assertThat(azure.seen()).allMatch(request -> request.equals("GET /intake"));
    }

    @Test
    void azure_account_that_copies_to_another_region_is_remarked_upon() {
        azure.sku = "Standard_RAGRS";
        azureStore("\"password\":\"file:azure-sas\"");
        probe("blobs", "intake/{tenant}/", "");
        assertThat(run("bucket").get("remarks").toString())
                .contains("(Standard_RAGRS) also copies all it holds to its paired");
    }

    @Test
    void wrong_azure_login_proves_nothing_and_stays_secret() throws IOException {
        secret("azure-key", "YW5vdGhlciBrZXk=");
        azureStore("\"user\":\"file:azure-account\",\"password\":\"file:azure-key\"");
        probe("blobs", "intake/{tenant}/", "");
        assertThat(failure()).isEqualTo("the container answers 403 AuthenticationFailed: AuthenticationFailed it is.");
        secret("azure-key", "not base64 !");
        assertThat(failure()).isEqualTo("the password is neither an account's key in base64 nor a SAS");
    }

    @Test
    void login_in_a_sas_never_shows_where_nobody_answers() {
        azure.close();
        azureStore("\"password\":\"file:azure-sas\"");
        probe("blobs", "", "");
        assertThat(failure()).startsWith("no answer from 127.0.0.1:").doesNotContain("sig");
    }

    // ---- words of these tests

    private void store(String id, String region, String tenants) {
        ok(http.put("/api/v1/stores/" + id, """
                {"region":"%s","role":"intake","kind":"s3","url":"%s","user":"file:s3-key","password":"file:s3-secret",
                 "tenants":%s}""".formatted(region, s3.url(), tenants)));
    }

    private void azureStore(String login) {
        ok(http.put("/api/v1/stores/blobs", """
                {"region":"us-east-1","role":"intake","kind":"azure-blob","url":"%s",%s}""".formatted(azure.url(), login)));
    }

    private void probe(String store, String prefix, String more) {
        ok(http.put("/api/v1/probes/bucket", """
                {"store":"%s","prefix":"%s","every":"PT1M"%s}""".formatted(store, prefix, more)));
    }

    private String failure() {
        var answer = run("bucket");
        assertThat(answer.get("state").asString()).isEqualTo("failed");
        return answer.get("failure").asString();
    }
}
