package io.muster.server.keys;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import io.muster.server.embedded.CannotStart;
import io.muster.server.embedded.DataFolder;
import io.muster.server.testing.LocalHttp;
import io.muster.server.testing.TestClock;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.env.StandardEnvironment;
import tools.jackson.databind.json.JsonMapper;

/** Key services that want what the real ones want: a token, a signature of exactly this request. */
class WrappedRootKeyTest {

    private static final String KEY =
            Base64.getEncoder().encodeToString("0123456789abcdef0123456789abcdef".getBytes(UTF_8));
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    Path folder;

    private DataFolder data;
    private final LocalHttp service = new LocalHttp(this::answer);

    @BeforeEach
    void open() {
        data = DataFolder.open(folder.resolve("data"));
    }

    @AfterEach
    void close() throws IOException {
        service.close();
        data.close();
    }

    @Test
    void vault_opens_it_for_who_has_the_token() throws Exception {
        given("root-key.wrapped", "vault:v1:right\n");
        given("root-key.login", "s.token\n");
        assertThat(opened("vault-transit:" + service.url("/v1/transit/decrypt/muster")))
                .isEqualTo(KEY);

        given("root-key.login", "s.other");
        refused("vault-transit:" + service.url("/v1/transit/decrypt/muster"), "Vault answered 403 (permission denied)");
        given("root-key.login", "s.token");
        given("root-key.wrapped", "wrong");
        refused(
                "vault-transit:" + service.url("/v1/transit/decrypt/muster"),
                "Vault answered 400 (invalid ciphertext: no prefix)");
        refused("vault-transit:" + service.url("/v1/none/decrypt/muster"), "Vault answered 404");
        refused("vault-transit:" + service.url("/v1/sealed/decrypt/muster"), "Vault answered 503 (Vault is sealed)");
    }

    @Test
    void amazon_opens_it_for_who_signs_the_request() throws Exception {
        given("root-key.wrapped", "cmlnaHQ=");
        given("root-key.login", "AKID\nsecret\n");
        assertThat(opened("aws-kms:eu-central-1@" + service.url(""))).isEqualTo(KEY);
        given("root-key.login", "AKID\nsecret\nsession\n");
        assertThat(opened("aws-kms:eu-central-1@" + service.url(""))).isEqualTo(KEY);

        given("root-key.login", "AKID\nother");
        refused(
                "aws-kms:eu-central-1@" + service.url(""),
                "AWS KMS answered 400 (InvalidSignatureException: The request signature we calculated does not match");
        given("root-key.login", "AKID\nsecret");
        refused("aws-kms:us-east-1@" + service.url(""), "InvalidSignatureException");
        given("root-key.wrapped", "d3Jvbmc=");
        refused("aws-kms:eu-central-1@" + service.url(""), "AWS KMS answered 400 (InvalidCiphertextException)");
    }

    @Test
    void what_is_missing_or_unreachable_is_told_and_no_secret_with_it() throws Exception {
        refused(
                "vault-transit:" + service.url("/v1/transit/decrypt/muster"),
                "MUSTER_ROOT_KEY_WRAPPED names file:root-key.wrapped, which is not given");
        given("root-key.wrapped", "vault:v1:right");
        refused(
                "vault-transit:" + service.url("/v1/transit/decrypt/muster"),
                "MUSTER_ROOT_KEY_LOGIN names file:root-key.login");
        given("root-key.login", "s.token");
        refused("aws-kms:eu-central-1", "a line each");
        refused("vault-transit:http://127.0.0.1:9/v1/transit/decrypt/muster", "Vault at 127.0.0.1:9 does not answer");
        refused("vault-transit:https://vault.example.com/", "must be like vault-transit:https://");
        refused("aws-kms:somewhere else", "must be like aws-kms:eu-central-1");
    }

    private void given(String name, String text) throws IOException {
        Files.writeString(
                Files.createDirectories(data.path().resolve("given-secrets")).resolve(name), text);
    }

    private String opened(String reference) {
        assertThat(WrappedRootKey.isMeantBy(reference)).isTrue();
        return new WrappedRootKey(
                        "file:root-key.wrapped",
                        "file:root-key.login",
                        new Secrets("", data, new StandardEnvironment()),
                        new TestClock())
                .open(reference);
    }

    private void refused(String reference, String says) {
        assertThatThrownBy(() -> opened(reference))
                .isInstanceOf(CannotStart.class)
                .hasMessageContaining(says)
                .message()
                .doesNotContain("s.token", "s.other", "secret\n", "vault:v1:");
    }

    // ---- the services

    private void answer(HttpExchange exchange) throws IOException {
        var body = exchange.getRequestBody().readAllBytes();
        if (exchange.getRequestURI().getPath().equals("/")) {
            amazon(exchange, body);
        } else {
            vault(exchange, body);
        }
    }

    private static void vault(HttpExchange exchange, byte[] body) throws IOException {
        var path = exchange.getRequestURI().getPath();
        if (path.startsWith("/v1/sealed/")) {
            send(exchange, 503, "{\"errors\":[\"Vault is sealed\"]}");
        } else if (!"s.token".equals(exchange.getRequestHeaders().getFirst("X-Vault-Token"))) {
            send(exchange, 403, "{\"errors\":[\"permission denied\"]}");
        } else if (!path.equals("/v1/transit/decrypt/muster")) {
            send(exchange, 404, "{\"errors\":[]}");
        } else if (!JSON.readTree(body).get("ciphertext").stringValue().equals("vault:v1:right")) {
            send(exchange, 400, "{\"errors\":[\"invalid ciphertext: no prefix\"]}");
        } else {
            send(exchange, 200, "{\"request_id\":\"x\",\"data\":{\"plaintext\":\"" + KEY + "\"}}");
        }
    }

    private void amazon(HttpExchange exchange, byte[] body) throws IOException {
        var sent = exchange.getRequestHeaders();
        var more = new HashMap<>(
                Map.of("content-type", "application/x-amz-json-1.1", "x-amz-target", "TrentService.Decrypt"));
        if (sent.containsKey("X-amz-security-token")) more.put("x-amz-security-token", "session");
        var right = new SigV4("AKID", "secret", "eu-central-1", "kms")
                .headers("POST", URI.create(service.url("/")), body, more, TestClock.THREE_AM);
        boolean signed =
                right.entrySet().stream().allMatch(header -> header.getValue().equals(sent.getFirst(header.getKey())));
        if (!signed) {
            send(
                    exchange,
                    400,
                    "{\"__type\":\"InvalidSignatureException\",\"message\":\"The request signature we calculated does not match the signature you provided.\"}");
        } else if (!JSON.readTree(body).get("CiphertextBlob").stringValue().equals("cmlnaHQ=")) {
            send(exchange, 400, "{\"__type\":\"com.amazonaws.kms#InvalidCiphertextException\"}");
        } else {
            send(
                    exchange,
                    200,
                    "{\"KeyId\":\"k\",\"Plaintext\":\"" + KEY + "\",\"EncryptionAlgorithm\":\"SYMMETRIC_DEFAULT\"}");
        }
    }

    private static void send(HttpExchange exchange, int status, String json) throws IOException {
        var bytes = json.getBytes(UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }
}
