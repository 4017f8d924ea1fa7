package io.muster.server.keys;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.muster.server.embedded.CannotStart;
import io.muster.server.problem.Refused;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Has the root key opened by a key service: {@code vault-transit:<URL of decrypt>} or {@code aws-kms:<region>}. The service is asked once,
 * at the start; what it opens lies beside the other given secrets, and is of no use without it.
 */
@Component
class WrappedRootKey {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final int LARGEST_ANSWER = 64 << 10;
    private static final Pattern AWS = Pattern.compile("([a-z]{2}(?:-[a-z]+)+-\\d)(?:@(https?://[^/?#@]+)/?)?");
    private static final Pattern VAULT = Pattern.compile("https?://[^/?#@]+/v1/[^?#]+/decrypt/[^/?#]+");

    private final String wrapped;
    private final String login;
    private final Secrets secrets;
    private final InstantSource clock;
    private final JsonMapper json = new JsonMapper();

    /**
     * @param wrapped a reference to what the service is to open
     * @param login a reference to a token of Vault's; or to Amazon's access key, secret key and perhaps session token, a line each
     */
    WrappedRootKey(
            @Value("${muster.root-key-wrapped:file:root-key.wrapped}") String wrapped,
            @Value("${muster.root-key-login:file:root-key.login}") String login,
            Secrets secrets,
            InstantSource clock) {
        this.wrapped = wrapped;
        this.login = login;
        this.secrets = secrets;
        this.clock = clock;
    }

    static boolean isMeantBy(String reference) {
        return reference.startsWith("vault-transit:") || reference.startsWith("aws-kms:");
    }

    /** The root key in base64. */
    String open(String reference) {
        var where = reference.substring(reference.indexOf(':') + 1);
        return reference.startsWith("vault-transit:") ? byVault(where) : byAmazon(where);
    }

    /** @see <a href="https://developer.hashicorp.com/vault/api-docs/secret/transit#decrypt-data">Vault, decrypt data</a> */
    private String byVault(String url) {
        if (!VAULT.matcher(url).matches()) {
            throw new CannotStart("MUSTER_ROOT_KEY must be like"
                    + " vault-transit:https://vault.example.com:8200/v1/transit/decrypt/muster");
        }
        var answer = ask(
                "Vault",
                URI.create(url),
                json.writeValueAsString(Map.of("ciphertext", given("MUSTER_ROOT_KEY_WRAPPED", wrapped))),
                _ -> Map.of("X-Vault-Token", given("MUSTER_ROOT_KEY_LOGIN", login)));
        if (answer.status() != 200) {
            throw refused("Vault", answer, texts(answer.body().path("errors")));
        }
        return answer.body().path("data").path("plaintext").asString("");
    }

    /** @see <a href="https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html">AWS KMS, Decrypt</a> */
    private String byAmazon(String where) {
        var parts = AWS.matcher(where);
        if (!parts.matches()) {
            throw new CannotStart("MUSTER_ROOT_KEY must be like aws-kms:eu-central-1, or"
                    + " aws-kms:eu-central-1@https://<endpoint>");
        }
        var region = parts.group(1);
        var domain = region.startsWith("cn-") ? ".amazonaws.com.cn" : ".amazonaws.com";
        var endpoint = parts.group(2) == null ? "https://kms." + region + domain : parts.group(2);
        var lines =
                given("MUSTER_ROOT_KEY_LOGIN", login).lines().map(String::strip).toList();
        if (lines.size() < 2 || lines.size() > 3) {
            throw new CannotStart("MUSTER_ROOT_KEY_LOGIN, " + login
                    + ", must hold Amazon's access key and secret key, and perhaps a session token, a line each");
        }
        var uri = URI.create(endpoint + "/");
        var body = json.writeValueAsString(Map.of("CiphertextBlob", given("MUSTER_ROOT_KEY_WRAPPED", wrapped)));
        var answer = ask("AWS KMS", uri, body, bytes -> {
            var more = new HashMap<>(
                    Map.of("content-type", "application/x-amz-json-1.1", "x-amz-target", "TrentService.Decrypt"));
            if (lines.size() == 3) more.put("x-amz-security-token", lines.get(2));
            return new SigV4(lines.get(0), lines.get(1), region, "kms")
                    .headers("POST", uri, bytes, more, clock.instant());
        });
        if (answer.status() != 200) {
            var type = answer.body().path("__type").asString("");
            var message = answer.body()
                    .path("message")
                    .asString(answer.body().path("Message").asString(""));
            throw refused(
                    "AWS KMS",
                    answer,
                    type.substring(type.indexOf('#') + 1) + (message.isEmpty() ? "" : ": " + message));
        }
        return answer.body().path("Plaintext").asString("");
    }

    private String given(String setting, String reference) {
        try {
            var secret = new SecretRef(reference);
            return secrets.resolve(secret)
                    .map(String::strip)
                    .filter(text -> !text.isEmpty())
                    .orElseThrow(() -> new CannotStart(
                            setting + " names " + reference + ", which is not given: " + secrets.missing(secret)));
        } catch (Refused refused) {
            throw new CannotStart(setting + " " + refused.getMessage());
        }
    }

    private record Answer(int status, JsonNode body) {}

    @FunctionalInterface
    private interface Headers {
        Map<String, String> of(byte[] body);
    }

    /** No redirect is followed: the token would go along. */
    private Answer ask(String service, URI uri, String text, Headers headers) {
        var body = text.getBytes(UTF_8);
        var request = HttpRequest.newBuilder(uri).POST(BodyPublishers.ofByteArray(body));
        headers.of(body).forEach(request::header);
        var client = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER)
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT)
                .build();
        try {
            var answer = client.sendAsync(
                            request.build(), BodyHandlers.limiting(BodyHandlers.ofByteArray(), LARGEST_ANSWER))
                    .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            return new Answer(answer.statusCode(), read(answer.body()));
        } catch (TimeoutException slow) {
            throw unreachable(service, uri, "no answer within " + PATIENCE.toSeconds() + " s");
        } catch (ExecutionException failure) {
            var cause = failure.getCause() == null ? failure : failure.getCause();
            throw unreachable(service, uri, cause instanceof IOException ? cause.toString() : String.valueOf(cause));
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            throw unreachable(service, uri, "the server is stopping");
        } finally {
            client.shutdownNow();
        }
    }

    private JsonNode read(byte[] body) {
        try {
            return json.readTree(new String(body, UTF_8));
        } catch (JacksonException noJson) {
            return json.createObjectNode();
        }
    }

    private static CannotStart unreachable(String service, URI uri, String why) {
        return new CannotStart("the root key cannot be opened, for " + service + " at " + uri.getRawAuthority()
                + " does not answer: " + why);
    }

    private static CannotStart refused(String service, Answer answer, String why) {
        return new CannotStart("the root key cannot be opened, for " + service + " answered " + answer.status()
                + (why.isBlank() ? "" : " (" + shown(why) + ")"));
    }

    private static String texts(JsonNode errors) {
        return errors.valueStream().map(error -> error.asString("")).collect(Collectors.joining("; "));
    }

    private static String shown(String text) {
        var clean = text.replaceAll("\\s+", " ").strip();
        return clean.length() > 300 ? clean.substring(0, 300) + "…" : clean;
    }
}
