package io.muster.server.tenancy;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.muster.server.tenancy.Rules.Conditional;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.springframework.core.io.ClassPathResource;
import org.springframework.stereotype.Component;
import org.springframework.util.function.SingletonSupplier;
import tools.jackson.databind.json.JsonMapper;

/** The residency policies that Muster ships, to be extended: {@code data/residency-presets.yaml}. */
@Component
class Presets {

    private static final Set<String> SUBJECTS_WITH_CLOCK = Set.of("EU", "UK"); // GDPR Art. 33
    private static final Span CLOCK = Span.of("PT72H");

    /** A preset as it is shipped and shown. */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Preset(
            String id,
            String name,
            String subject,
            String mandate,
            @Nullable List<String> allow,
            @Nullable List<Conditional> conditional,
            @Nullable List<String> deny,
            @JsonProperty("default") String verdict,
            @Nullable List<String> requiresPrimaryIn,
            @Nullable List<String> requiresCopyIn,
            Span maxDwell,
            @Nullable Span notifyWithin,
            String honest,
            List<String> law,
            @Nullable List<String> sources,
            String reviewAfter) {

        Preset {
            allow = Objects.requireNonNullElse(allow, List.of());
            conditional = Objects.requireNonNullElse(conditional, List.of());
            deny = Objects.requireNonNullElse(deny, List.of());
            requiresPrimaryIn = Objects.requireNonNullElse(requiresPrimaryIn, List.of());
            requiresCopyIn = Objects.requireNonNullElse(requiresCopyIn, List.of());
            sources = Objects.requireNonNullElse(sources, List.of());
            if (notifyWithin == null && SUBJECTS_WITH_CLOCK.contains(subject)) notifyWithin = CLOCK;
        }

        Policy policy() {
            return new Policy(
                    name,
                    null,
                    allow,
                    conditional,
                    deny,
                    verdict,
                    requiresPrimaryIn,
                    requiresCopyIn,
                    maxDwell,
                    new Policy.Clock(notifyWithin));
        }
    }

    private record Shipped(String schema, String asOf, Map<String, List<String>> groups, List<Preset> presets) {}

    private record Read(Jurisdictions jurisdictions, Map<String, Preset> presets) {}

    private final SingletonSupplier<Read> read; // when first asked for: the start has no time for it

    Presets(JsonMapper json) {
        read = SingletonSupplier.of(() -> read(json));
    }

    private static Read read(JsonMapper json) {
        try (var file = new ClassPathResource("data/residency-presets.yaml").getInputStream()) {
            var shipped = json.convertValue(
                    new Load(LoadSettings.builder().build()).loadFromInputStream(file), Shipped.class);
            var presets = new LinkedHashMap<String, Preset>();
            shipped.presets().forEach(preset -> presets.put(preset.id(), preset));
            return new Read(new Jurisdictions(Map.copyOf(shipped.groups())), presets);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    Jurisdictions jurisdictions() {
        return read.obtain().jurisdictions();
    }

    List<Preset> all() {
        return List.copyOf(read.obtain().presets().values());
    }

    Optional<Preset> find(@Nullable String id) {
        return id == null
                ? Optional.empty()
                : Optional.ofNullable(read.obtain().presets().get(id));
    }

    Optional<Rules> rules(String id) {
        return find(id).map(preset -> preset.policy().resolve(id, null, jurisdictions()));
    }
}
