package io.muster.server.access;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.muster.server.access.ApiKeys.ApiKey;
import io.muster.server.access.ApiKeys.May;
import io.muster.server.keys.Cursors;
import io.muster.server.keys.Cursors.Page;
import io.muster.server.problem.FieldError;
import io.muster.server.problem.Problem;
import io.muster.server.problem.Refused;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** {@code /api/v1/keys}. */
@RestController
@RequestMapping("/api/v1/keys")
class KeysController {

    private static final Pattern ID = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final int LONGEST_NAME = 100;

    /** What a new key shall be. */
    record NewKey(
            @Nullable String name,
            @Nullable String may,
            @Nullable String project,
            @Nullable String tenant,
            @Nullable Instant expiresAt) {}

    /** A key as it is shown; {@code key} itself only to who has just made it. */
    record KeyAnswer(
            String id,
            String name,
            String may,
            String project,
            @Nullable String tenant,
            String prefix,
            @Nullable Instant expiresAt,
            @Nullable Instant lastUsedAt,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String key) {}

    private final ApiKeys keys;
    private final Projects projects;
    private final ObjectProvider<KnownTenants> tenants;
    private final Cursors cursors;
    private final Access access;
    private final AccessRecord record;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();

    KeysController(
            ApiKeys keys,
            Projects projects,
            ObjectProvider<KnownTenants> tenants,
            Cursors cursors,
            Access access,
            AccessRecord record,
            InstantSource clock) {
        this.keys = keys;
        this.projects = projects;
        this.tenants = tenants;
        this.cursors = cursors;
        this.access = access;
        this.record = record;
        this.clock = clock;
    }

    @PostMapping
    @Transactional
    public ResponseEntity<KeyAnswer> make(@RequestBody NewKey wanted) {
        var now = clock.instant();
        var by = access.caller();
        var key = checked(wanted, by, now);
        var secret = keys.fresh(key.may());
        keys.store(key, secret);
        var stored = keys.byId(key.id()).orElseThrow();
        record.done("key.created", "/keys/" + key.id(), by, now, details(stored));
        return ResponseEntity.created(URI.create("/api/v1/keys/" + key.id())).body(answer(stored, secret));
    }

    @GetMapping
    public Page<KeyAnswer> list(@RequestParam(defaultValue = "100") int limit, @RequestParam @Nullable String cursor) {
        var found = keys.page(cursor == null ? null : cursors.decode("keys", cursor), Cursors.limit(limit) + 1);
        return cursors.page("keys", found, limit, ApiKeys.ApiKey::id).map(key -> answer(key, null));
    }

    @GetMapping("/{id}")
    public KeyAnswer get(@PathVariable String id) {
        return answer(keys.byId(id).orElseThrow(() -> noSuchKey(id)), null);
    }

    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Transactional
    public void delete(@PathVariable String id) {
        var key = keys.byId(id).orElseThrow(() -> noSuchKey(id));
        if (key.may() == May.ADMIN) {
            throw Problem.conflict("This is the key of the file admin.key: to replace it, remove the file and start the"
                    + " server again.");
        }
        if (keys.delete(id)) {
            record.done("key.deleted", "/keys/" + id, access.caller(), clock.instant(), details(key));
        }
    }

    private ApiKey checked(NewKey wanted, Caller by, Instant now) {
        var wrong = new ArrayList<FieldError>();
        var name = wanted.name() == null ? "" : wanted.name().strip();
        if (name.isEmpty() || name.length() > LONGEST_NAME) {
            wrong.add(new FieldError("name", "must have 1 to " + LONGEST_NAME + " characters; got " + name.length()));
        }
        var may = "write".equals(wanted.may()) ? May.WRITE : May.READ;
        if (!may.name().toLowerCase(Locale.ROOT).equals(wanted.may())) {
            wrong.add(new FieldError("may", "must be write or read; got " + wanted.may()));
        }
        var project = wanted.project() == null ? Project.DEFAULT : wanted.project();
        if (projects.find(project).isEmpty()) wrong.add(new FieldError("project", "is unknown; got " + project));
        var tenant = wanted.tenant();
        if (tenant != null
                && (!ID.matcher(tenant).matches() || !tenants.orderedStream().allMatch(known -> known.knows(tenant)))) {
            wrong.add(new FieldError("tenant", "is unknown; got " + tenant));
        }
        if (wanted.expiresAt() != null && !wanted.expiresAt().isAfter(now)) {
            wrong.add(new FieldError("expires_at", "must lie in the future; got " + wanted.expiresAt()));
        }
        if (!wrong.isEmpty()) throw new Refused(wrong);
        return new ApiKey(freshId(), name, may, project, tenant, "", now, by.name(), wanted.expiresAt(), null);
    }

    /** 62 bits: nobody chooses ids of keys, so nobody can take another's. */
    private String freshId() {
        return "key-" + Long.toString(random.nextLong() >>> 1, Character.MAX_RADIX);
    }

    private static Map<String, Object> details(ApiKey key) {
        var details = new HashMap<String, Object>();
        details.put("name", key.name());
        details.put("may", key.may().name().toLowerCase(Locale.ROOT));
        details.put("project", key.project());
        details.put("tenant", key.tenant());
        details.put("prefix", key.prefix());
        return details;
    }

    private static KeyAnswer answer(ApiKey key, @Nullable String secret) {
        return new KeyAnswer(
                key.id(),
                key.name(),
                key.may().name().toLowerCase(Locale.ROOT),
                key.project(),
                key.tenant(),
                key.prefix(),
                key.expiresAt(),
                key.lastUsedAt(),
                secret);
    }

    private static Problem noSuchKey(String id) {
        return Problem.notFound("There is no key " + (ID.matcher(id).matches() ? id : "with this id") + ".");
    }
}
