package io.muster.spring;

import io.muster.client.AuditEvent.Status;
import java.lang.reflect.Method;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.context.expression.BeanFactoryResolver;
import org.springframework.context.expression.MethodBasedEvaluationContext;
import org.springframework.core.DefaultParameterNameDiscoverer;
import org.springframework.core.ParameterNameDiscoverer;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.SynthesizingMethodParameter;
import org.springframework.expression.Expression;
import org.springframework.expression.spel.standard.SpelExpressionParser;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.util.ClassUtils;

/** Records calls of {@link Auditable} methods. Stands outside of transactions and of method security, so it sees how they ended. */
final class AuditableInterceptor implements MethodInterceptor {
    private static final Logger LOG = LoggerFactory.getLogger(AuditableInterceptor.class);
    private static final ParameterNameDiscoverer NAMES = new DefaultParameterNameDiscoverer();
    private static final SpelExpressionParser PARSER = new SpelExpressionParser();
    private static final String MASK = "***";

    private static final boolean TRANSACTIONS =
            isPresent("org.springframework.transaction.support.TransactionSynchronizationManager");

    private final Supplier<MusterAudit> audit;
    private final BeanFactory beans;
    private final Map<String, Expression> expressions =
            new ConcurrentHashMap<>(); // those of annotations: as many as there are

    AuditableInterceptor(Supplier<MusterAudit> audit, BeanFactory beans) {
        this.audit = audit;
        this.beans = beans;
    }

    /** All of the event but how it ended. */
    private record Draft(
            String action,
            Instant at,
            @Nullable String tenant,
            @Nullable String resource,
            @Nullable String subject,
            List<String> dataCategories,
            Map<String, @Nullable Object> details) {}

    @Override
    public @Nullable Object invoke(MethodInvocation call) throws Throwable {
        @Nullable Object result;
        try {
            result = call.proceed();
        } catch (Throwable failure) {
            ended(call, null, failure);
            throw failure;
        }
        if (result instanceof CompletionStage<?> later) {
            var muster = audit.get();
            var context = muster.context();
            later.whenComplete((value, failure) -> muster.within(context, () -> ended(call, value, failure)));
        } else {
            ended(call, result, null);
        }
        return result;
    }

    private void ended(MethodInvocation call, @Nullable Object result, @Nullable Throwable failure) {
        try {
            var draft = draft(call, result);
            if (failure != null) {
                var cause = failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
                record(draft, statusOf(cause), cause.getClass().getName());
            } else if (TRANSACTIONS && AfterTransaction.isAwaited()) {
                AfterTransaction.tell(committed ->
                        record(draft, committed ? Status.SUCCESS : Status.FAILURE, committed ? null : "rolled back"));
            } else {
                record(draft, Status.SUCCESS, null);
            }
        } catch (RuntimeException wrong) {
            LOG.error("a call of {} is not recorded", call.getMethod(), wrong);
        }
    }

    private void record(Draft draft, Status status, @Nullable String error) {
        audit.get().record(draft.tenant, draft.action, event -> {
            event.timestamp(draft.at)
                    .status(status)
                    .resource(draft.resource)
                    .subjectId(draft.subject)
                    .dataCategories(draft.dataCategories);
            draft.details.forEach(event::detail);
            if (error != null) {
                event.detail("error", error);
            }
        });
    }

    /** By name, as Spring Security need not be there. */
    private static Status statusOf(Throwable failure) {
        for (Class<?> type = failure.getClass(); type != null; type = type.getSuperclass()) {
            if (type.getName().equals("org.springframework.security.access.AccessDeniedException")) {
                return Status.DENIED;
            }
        }
        return Status.FAILURE;
    }

    private Draft draft(MethodInvocation call, @Nullable Object result) {
        var target = call.getThis();
        var method = AopUtils.getMostSpecificMethod(call.getMethod(), target == null ? null : target.getClass());
        var auditable = AnnotatedElementUtils.findMergedAnnotation(method, Auditable.class);
        if (auditable == null) {
            throw new IllegalStateException(method + " is not @Auditable");
        }
        var arguments = masked(method, call.getArguments());
        var context = new MethodBasedEvaluationContext(target == null ? method : target, method, arguments, NAMES);
        context.setBeanResolver(new BeanFactoryResolver(beans));
        context.setVariable("result", result);
        var unread = new ArrayList<String>();
        var reader = new Object() {
            @Nullable Object read(String name, String expression) {
                if (expression.isEmpty()) {
                    return null;
                }
                try {
                    return expressions
                            .computeIfAbsent(expression, PARSER::parseExpression)
                            .getValue(context);
                } catch (RuntimeException wrong) {
                    LOG.warn(
                            "{} of @Auditable(\"{}\") cannot be read ({}): {}",
                            name,
                            auditable.value(),
                            expression,
                            wrong.toString());
                    unread.add(name);
                    return null;
                }
            }

            @Nullable String text(String name, String expression) {
                var value = Shown.of(read(name, expression));
                return value == null ? null : value.toString();
            }
        };
        var details = new LinkedHashMap<String, @Nullable Object>();
        if (auditable.parameters()) {
            details.put("parameters", parameters(method, arguments));
        }
        var more = reader.read("details", auditable.details());
        if (more instanceof Map<?, ?> members) {
            members.forEach((name, value) -> details.put(String.valueOf(name), Shown.of(value)));
        } else if (more != null) {
            details.put("details", Shown.of(more));
        }
        var tenant = reader.text("tenant", auditable.tenant());
        var resource = reader.text("resource", auditable.resource());
        var subject = reader.text("subject", auditable.subject());
        if (!unread.isEmpty()) {
            details.put("_unread", unread);
        }
        details.remove("_source"); // the sender's
        return new Draft(
                auditable.value(),
                InstantSource.system().instant(),
                tenant,
                resource,
                subject,
                List.of(auditable.dataCategories()),
                details);
    }

    private static @Nullable Object[] masked(Method method, @Nullable Object[] arguments) {
        var masked = arguments.clone();
        for (int i = 0; i < masked.length; i++) {
            if (SynthesizingMethodParameter.forExecutable(method, i).hasParameterAnnotation(Masked.class)) {
                masked[i] = MASK;
            }
        }
        return masked;
    }

    private static Map<String, @Nullable Object> parameters(Method method, @Nullable Object[] arguments) {
        var names = NAMES.getParameterNames(method);
        var shown = new LinkedHashMap<String, @Nullable Object>();
        for (int i = 0; i < arguments.length; i++) {
            var name = names == null || names[i] == null ? "p" + i : names[i];
            shown.put(name, Shown.of(arguments[i]));
        }
        return shown;
    }

    private static boolean isPresent(String type) {
        return ClassUtils.isPresent(type, AuditableInterceptor.class.getClassLoader());
    }

    /** A class of its own, for it is loaded only where there are transactions. */
    private static final class AfterTransaction {
        static boolean isAwaited() {
            return TransactionSynchronizationManager.isSynchronizationActive()
                    && TransactionSynchronizationManager.isActualTransactionActive();
        }

        static void tell(Consumer<Boolean> how) {
            TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                @Override
                public void afterCompletion(int status) {
                    how.accept(status == STATUS_COMMITTED);
                }
            });
        }
    }
}
