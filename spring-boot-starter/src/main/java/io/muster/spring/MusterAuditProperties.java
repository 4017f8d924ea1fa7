package io.muster.spring;

import io.muster.client.WhenFull;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Where audit events go, and what all of them say.
 *
 * @param url the base address of Muster; empty or absent: nothing is recorded, and nothing is asked of the other settings
 * @param key an API key that may write the audit events of the tenants concerned
 * @param keyFile a file with the key, read before each batch, so that a new key needs no restart; instead of key
 * @param service which of your services this is; by default spring.application.name
 * @param region in which region this instance runs, such as eu-west-1
 * @param tenant to whose log an event belongs that nothing else attributes
 * @param tenantAttribute where the one who is signed in says which tenant he belongs to: SpEL on the Authentication, such as
 *     principal.tenant or principal.claims['tenant']
 * @param tenantHeader the header in which your gateway says which tenant a request belongs to; only where callers cannot write it themselves
 * @param ignore which of Spring Boot's own events are not recorded, such as authentication.success where each request signs in
 * @param trustedProxies addresses and networks whose X-Forwarded-For is believed; none by default
 * @param batch most events of a request, 1 to 500
 * @param linger how long an event waits for others to go with it, 5ms to 1s
 * @param bufferEvents most events that wait
 * @param bufferSize most bytes that wait
 * @param whenFull what a caller meets when the buffer is full: block waits for room, drop does not
 * @param blockAtMost how long block waits before the event is dropped
 * @param timeout how long to wait for an answer of Muster
 * @param closeWithin how long the end of the application may be held up to deliver what waits
 */
@ConfigurationProperties("muster.audit")
record MusterAuditProperties(
        URI url,
        @Nullable String key,
        @Nullable Path keyFile,
        @Nullable String service,
        @Nullable String region,
        @Nullable String tenant,
        @Nullable String tenantAttribute,
        @Nullable String tenantHeader,
        @DefaultValue Set<String> ignore,
        @DefaultValue List<String> trustedProxies,
        @DefaultValue("500") int batch,
        @DefaultValue("20ms") Duration linger,
        @DefaultValue("10000") int bufferEvents,
        @DefaultValue("32MB") DataSize bufferSize,
        @DefaultValue("block") Full whenFull,
        @DefaultValue("100ms") Duration blockAtMost,
        @DefaultValue("10s") Duration timeout,
        @DefaultValue("10s") Duration closeWithin) {
    enum Full {
        BLOCK,
        DROP
    }

    MusterAuditProperties {
        key = orNull(key);
        tenant = orNull(tenant);
        tenantAttribute = orNull(tenantAttribute);
        tenantHeader = orNull(tenantHeader);
        if ((key == null) == (keyFile == null)) {
            throw new IllegalArgumentException("muster.audit.key or muster.audit.key-file must be set, and not both");
        }
    }

    /** What is empty is not set, as {@code ${KEY:}} is without the variable. */
    private static @Nullable String orNull(@Nullable String setting) {
        return setting == null || setting.isBlank() ? null : setting;
    }

    String currentKey() {
        if (keyFile == null) {
            return String.valueOf(key);
        }
        try {
            return Files.readString(keyFile).strip();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    WhenFull policy() {
        return whenFull == Full.BLOCK ? new WhenFull.Block(blockAtMost) : new WhenFull.Drop();
    }

    /** Shows no key. */
    @Override
    public String toString() {
        return "muster.audit of " + url;
    }
}
