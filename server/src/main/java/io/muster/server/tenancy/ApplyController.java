package io.muster.server.tenancy;

import io.muster.server.access.Access;
import io.muster.server.problem.BodyLimit;
import io.muster.server.problem.FieldError;
import io.muster.server.problem.Problem;
import io.muster.server.problem.Refused;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** {@code POST /api/v1/apply[?dry_run=true][&prune=true]}. */
@RestController
class ApplyController {

    static final String PATH = "/api/v1/apply";
    private static final Set<String> PARAMETERS = Set.of("dry_run", "prune");
    private static final Duration WAIT = Duration.ofSeconds(60);

    /** Each holds a document of up to 64 MiB as records. */
    private final Semaphore atOnce = new Semaphore(2, true);

    private final Nouns nouns;
    private final DeclarationJson json;
    private final Apply apply;
    private final Access access;

    ApplyController(Nouns nouns, DeclarationJson json, Apply apply, Access access) {
        this.nouns = nouns;
        this.json = json;
        this.apply = apply;
        this.access = access;
    }

    @Configuration(proxyBeanMethods = false)
    static class Limits {
        @Bean
        BodyLimit applyBodies() {
            return new BodyLimit(PATH, 64L << 20);
        }
    }

    @PostMapping(
            path = PATH,
            consumes = {
                "application/yaml",
                "application/x-yaml",
                "text/yaml",
                "text/x-yaml",
                MediaType.TEXT_PLAIN_VALUE,
                MediaType.APPLICATION_JSON_VALUE
            })
    ResponseEntity<Apply.Answer> apply(HttpServletRequest request) throws IOException, InterruptedException {
        // a typo in dry_run would apply in earnest
        request.getParameterMap().keySet().stream()
                .filter(name -> !PARAMETERS.contains(name))
                .findFirst()
                .ifPresent(unknown -> {
                    throw new Refused(Refused.shown(unknown), "is not known here; there are dry_run and prune");
                });
        boolean dryRun = flag(request, "dry_run");
        boolean prune = flag(request, "prune");
        if (!atOnce.tryAcquire(WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
            throw Problem.busy(Duration.ofSeconds(10), "Others apply documents. Nothing was changed; try again.");
        }
        try {
            var document = ApplyDocument.read(nouns, json, tokens(request));
            if (prune && document.set() == null) {
                throw new Refused(List.of(
                        new FieldError("set", "is missing: prune deletes what an earlier apply of a set declared", 1)));
            }
            return ResponseEntity.ok(apply.apply(document, dryRun, prune, access.caller()));
        } finally {
            atOnce.release();
        }
    }

    private DocumentTokens tokens(HttpServletRequest request) throws IOException {
        var type = MediaType.parseMediaType(request.getContentType());
        return MediaType.APPLICATION_JSON.isCompatibleWith(type)
                ? new JsonTokens(json.parser(request.getInputStream()))
                : new YamlTokens(request.getInputStream());
    }

    private static boolean flag(HttpServletRequest request, String name) {
        var given = request.getParameterValues(name);
        if (given == null) return false;
        return switch (String.join(",", given)) {
            case "true", "" -> true;
            case "false" -> false;
            default -> throw new Refused(name, "must be true or false; got " + Refused.shown(given[0]));
        };
    }
}
