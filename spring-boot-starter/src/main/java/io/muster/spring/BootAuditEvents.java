package io.muster.spring;

import io.muster.client.AuditEvent.Status;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.context.ApplicationListener;

/**
 * Brings the audit events of Spring Boot's Actuator: sign-ins, refused sign-ins, what Security denied, and those that the application
 * publishes itself as {@link AuditApplicationEvent}.
 */
final class BootAuditEvents implements ApplicationListener<AuditApplicationEvent> {
    private static final String NOBODY = "anonymousUser";

    private final MusterAudit audit;
    private final Set<String> ignored;

    /** @param ignored actions */
    BootAuditEvents(MusterAudit audit, Set<String> ignored) {
        this.audit = audit;
        this.ignored = ignored;
    }

    @Override
    public void onApplicationEvent(AuditApplicationEvent published) {
        var boot = published.getAuditEvent();
        var action = actionOf(boot.getType());
        if (ignored.contains(action)) {
            return;
        }
        audit.record(action, event -> {
            event.timestamp(boot.getTimestamp()).status(statusOf(boot.getType()));
            details(boot.getData()).forEach(event::detail);
            var principal = boot.getPrincipal();
            event.userId(principal == null || principal.equals(NOBODY) ? null : principal);
        });
    }

    /** {@code AUTHENTICATION_FAILURE} becomes {@code authentication.failure}; what is written otherwise stays. */
    private static String actionOf(String type) {
        return type.equals(type.toUpperCase(Locale.ROOT))
                ? type.toLowerCase(Locale.ROOT).replace('_', '.')
                : type;
    }

    private static Status statusOf(String type) {
        return switch (type) {
            case "AUTHORIZATION_FAILURE" -> Status.DENIED;
            case "AUTHENTICATION_FAILURE" -> Status.FAILURE;
            default -> Status.SUCCESS;
        };
    }

    /** Without {@code details}: of Security's events it holds the session's id; the address is known from the request. */
    private static Map<String, @Nullable Object> details(Map<String, @Nullable Object> data) {
        var details = new LinkedHashMap<String, @Nullable Object>();
        data.forEach((name, value) -> details.put(name, Shown.of(value)));
        details.remove("details");
        details.remove("_source"); // the sender's
        return details;
    }
}
