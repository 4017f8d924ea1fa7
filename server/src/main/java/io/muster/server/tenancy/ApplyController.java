package io.muster.server.tenancy;

import io.muster.server.access.Access;
import io.muster.server.problem.BodyLimit;
import io.muster.server.problem.Refused;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Set;
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

    private final DeclarationJson json;
    private final Documents documents;
    private final Access access;

    ApplyController(DeclarationJson json, Documents documents, Access access) {
        this.json = json;
        this.documents = documents;
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
    ResponseEntity<Apply.Answer> apply(HttpServletRequest request) {
        // a typo in dry_run would apply in earnest
        request.getParameterMap().keySet().stream()
                .filter(name -> !PARAMETERS.contains(name))
                .findFirst()
                .ifPresent(unknown -> {
                    throw new Refused(Refused.shown(unknown), "is not known here; there are dry_run and prune");
                });
        boolean dryRun = flag(request, "dry_run");
        boolean prune = flag(request, "prune");
        return ResponseEntity.ok(documents.apply(() -> tokens(request), dryRun, prune, access.caller()));
    }

    private DocumentTokens tokens(HttpServletRequest request) {
        var type = MediaType.parseMediaType(request.getContentType());
        try {
            return MediaType.APPLICATION_JSON.isCompatibleWith(type)
                    ? new JsonTokens(json.parser(request.getInputStream()))
                    : new YamlTokens(request.getInputStream());
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
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
