package io.muster.spring;

import io.muster.client.AuditEvent;
import io.muster.client.AuditSender;
import java.security.Principal;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Records audit events that say by themselves who did it, for which tenant, from which address, in which trace.
 *
 * {@snippet :
 * audit.record("invoice.pay", event -> event.resource("invoices/" + id).detail("amount", amount));
 * }
 *
 * <p>Never throws: an audit event that cannot be recorded is logged and counted, and what it tells of goes on.
 */
public final class MusterAudit {
    private static final Logger LOG = LoggerFactory.getLogger(MusterAudit.class);

    private final AuditSender sender;
    private final Supplier<@Nullable Principal> signedIn;
    private final TenantResolver tenants;
    private final @Nullable String service;
    private final @Nullable String region;
    private final AtomicLong lost = new AtomicLong();

    MusterAudit(
            AuditSender sender,
            Supplier<@Nullable Principal> signedIn,
            TenantResolver tenants,
            @Nullable String service,
            @Nullable String region) {
        this.sender = sender;
        this.signedIn = signedIn;
        this.tenants = tenants;
        this.service = service;
        this.region = region;
    }

    /** Of the tenant to whom the request, or who is signed in, belongs. */
    public void record(String action, Consumer<AuditEvent.Builder> more) {
        record(null, action, more);
    }

    /** @param tenantId null: as {@link #record(String, Consumer)} */
    public void record(@Nullable String tenantId, String action, Consumer<AuditEvent.Builder> more) {
        try {
            var context = context();
            var tenant = tenantId == null ? tenants.tenant(context) : tenantId;
            if (tenant == null || tenant.isBlank()) {
                lost.incrementAndGet();
                LOG.warn(
                        "the audit event {} is lost, for no tenant is known to whom it belongs: set muster.audit.tenant",
                        action);
                return;
            }
            var event = AuditEvent.of(tenant, action)
                    .userId(
                            context.principal() == null
                                    ? null
                                    : context.principal().getName())
                    .ip(context.ip())
                    .userAgent(context.userAgent())
                    .traceId(traceId(context))
                    .service(service)
                    .region(region);
            more.accept(event);
            sender.send(event.build());
        } catch (RuntimeException wrong) {
            lost.incrementAndGet();
            LOG.error("the audit event {} is lost, for it could not be made", action, wrong);
        }
    }

    /** What is known here and now; of another thread what {@link #carried} brought there. */
    public AuditContext context() {
        var here = CurrentRequest.get();
        if (here != null && here.carried()) {
            return here.context();
        }
        var context = here == null ? AuditContext.NONE : here.context();
        var principal = signedIn.get();
        return principal == null ? context : context.with(principal);
    }

    /**
     * The task, which will know on any thread what is known here and now. For tasks of a whole executor: a bean
     * {@code TaskDecorator auditTaskDecorator(MusterAudit audit) { return audit::carried; }}.
     */
    public Runnable carried(Runnable task) {
        var context = context();
        return () -> within(context, task);
    }

    void within(AuditContext context, Runnable task) {
        var before = CurrentRequest.enter(new CurrentRequest.Here(context, true));
        try {
            task.run();
        } finally {
            CurrentRequest.leave(before);
        }
    }

    /** How many events never reached the sender: without a tenant, or wrongly made. */
    public long lost() {
        return lost.get();
    }

    private static @Nullable String traceId(AuditContext context) {
        var traced = MDC.get("traceId"); // where the application traces by itself
        return traced == null ? context.traceId() : traced;
    }
}
