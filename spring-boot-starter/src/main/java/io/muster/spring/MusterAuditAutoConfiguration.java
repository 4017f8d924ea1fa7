package io.muster.spring;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.muster.client.AuditListener;
import io.muster.client.AuditSender;
import java.security.Principal;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.springframework.aop.framework.autoproxy.AbstractBeanFactoryAwareAdvisingPostProcessor;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.annotation.AnnotationMatchingPointcut;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.actuate.audit.AuditEventRepository;
import org.springframework.boot.actuate.audit.InMemoryAuditEventRepository;
import org.springframework.boot.actuate.security.AbstractAuthenticationAuditListener;
import org.springframework.boot.actuate.security.AuthenticationAuditListener;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnExpression;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Role;
import org.springframework.core.env.Environment;
import org.springframework.expression.Expression;
import org.springframework.expression.spel.standard.SpelExpressionParser;
import org.springframework.expression.spel.support.SimpleEvaluationContext;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.authentication.event.AbstractAuthenticationEvent;
import org.springframework.security.authorization.AuthorizationEventPublisher;
import org.springframework.security.authorization.SpringAuthorizationEventPublisher;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;

/** Records audit events where {@code muster.audit.url} says where to. */
@AutoConfiguration(beforeName = "org.springframework.boot.actuate.autoconfigure.audit.AuditAutoConfiguration")
@ConditionalOnExpression("!'${muster.audit.url:}'.isBlank()")
@EnableConfigurationProperties(MusterAuditProperties.class)
class MusterAuditAutoConfiguration {
    /** Before Spring Security's chain (-100), behind what mends forwarded addresses for the whole application. */
    private static final int FILTER_ORDER = -110;

    @Bean
    @ConditionalOnMissingBean
    AuditSender musterAuditSender(MusterAuditProperties settings, ObjectProvider<AuditListener> listener) {
        return AuditSender.to(settings.url(), settings::currentKey)
                .batch(settings.batch())
                .linger(settings.linger())
                .buffer(settings.bufferEvents(), settings.bufferSize().toBytes())
                .whenFull(settings.policy())
                .timeout(settings.timeout())
                .closeWithin(settings.closeWithin())
                .listener(listener.getIfAvailable(() -> new AuditListener() {}))
                .start();
    }

    @Bean
    MusterAudit musterAudit(
            AuditSender sender,
            ObjectProvider<SignedIn> signedIn,
            ObjectProvider<TenantResolver> tenants,
            MusterAuditProperties settings,
            Environment environment) {
        var service =
                settings.service() == null ? environment.getProperty("spring.application.name") : settings.service();
        return new MusterAudit(
                sender,
                signedIn.getIfAvailable(() -> () -> null),
                tenantOr(tenants.getIfAvailable(() -> declaredTenant(settings)), settings.tenant()),
                service,
                settings.region());
    }

    private static TenantResolver tenantOr(TenantResolver known, @Nullable String otherwise) {
        return context -> {
            var tenant = known.tenant(context);
            return tenant == null || tenant.isBlank() ? otherwise : tenant;
        };
    }

    /** That of who is signed in, then that of the header. */
    private static TenantResolver declaredTenant(MusterAuditProperties settings) {
        if (settings.tenant() == null && settings.tenantAttribute() == null && settings.tenantHeader() == null) {
            throw new IllegalStateException(
                    "nothing says to which tenant audit events belong: set one of muster.audit.tenant,"
                            + " muster.audit.tenant-attribute and muster.audit.tenant-header, or give a bean TenantResolver");
        }
        var attribute = settings.tenantAttribute() == null
                ? null
                : new SpelExpressionParser().parseExpression(settings.tenantAttribute());
        return context -> {
            var tenant = attribute == null ? null : tenantOf(context.principal(), attribute);
            return tenant == null && settings.tenantHeader() != null ? context.header(settings.tenantHeader()) : tenant;
        };
    }

    /** Null where this principal has no such attribute: not all of an application's need have it. */
    private static @Nullable String tenantOf(@Nullable Principal principal, Expression attribute) {
        if (principal == null) {
            return null;
        }
        try {
            var reading = SimpleEvaluationContext.forReadOnlyDataBinding().build();
            var value = attribute.getValue(reading, principal);
            return value == null ? null : value.toString();
        } catch (RuntimeException hasNone) {
            LoggerFactory.getLogger(MusterAuditAutoConfiguration.class)
                    .debug("a {} has no {}", principal.getClass().getName(), attribute.getExpressionString());
            return null;
        }
    }

    /** Who is signed in, on this thread. */
    interface SignedIn extends Supplier<@Nullable Principal> {}

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    static AuditablePostProcessor musterAuditablePostProcessor(
            ObjectProvider<MusterAudit> audit, BeanFactory beans, Environment environment) {
        var processor = new AuditablePostProcessor(new AuditableInterceptor(audit::getObject, beans));
        processor.setProxyTargetClass(environment.getProperty("spring.aop.proxy-target-class", Boolean.class, true));
        return processor;
    }

    /** Puts the interceptor before all others of a bean that has {@link Auditable} methods. */
    static final class AuditablePostProcessor extends AbstractBeanFactoryAwareAdvisingPostProcessor {
        private static final long serialVersionUID = 1;

        AuditablePostProcessor(AuditableInterceptor interceptor) {
            this.advisor = new DefaultPointcutAdvisor(
                    new AnnotationMatchingPointcut(null, Auditable.class, true), interceptor);
            setBeforeExistingAdvisors(true);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(SecurityContextHolder.class)
    static class OfSecurity {
        @Bean
        SignedIn musterSignedIn() {
            return () -> {
                var authentication = SecurityContextHolder.getContext().getAuthentication();
                return authentication instanceof AnonymousAuthenticationToken ? null : authentication;
            };
        }

        /** Security tells of denied paths in any case, of denied methods only if there is one. */
        @Bean
        @ConditionalOnMissingBean(AuthorizationEventPublisher.class)
        SpringAuthorizationEventPublisher musterAuthorizationEventPublisher(ApplicationEventPublisher events) {
            return new SpringAuthorizationEventPublisher(events);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
    @ConditionalOnClass({OncePerRequestFilter.class, FilterRegistrationBean.class})
    static class OfServlets {
        @Bean
        FilterRegistrationBean<AuditRequestFilter> musterAuditRequestFilter(MusterAuditProperties settings) {
            var filter =
                    new FilterRegistrationBean<>(new AuditRequestFilter(new TrustedProxies(settings.trustedProxies())));
            filter.setOrder(FILTER_ORDER);
            return filter;
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(AuditEventRepository.class)
    static class OfActuator {
        @Bean
        BootAuditEvents musterBootAuditEvents(MusterAudit audit, MusterAuditProperties settings) {
            return new BootAuditEvents(audit, settings.ignore());
        }

        /** Boot publishes Security's events only where there is one. */
        @Bean
        @ConditionalOnMissingBean
        AuditEventRepository musterAuditEventRepository() {
            return new InMemoryAuditEventRepository(100);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({AuthenticationAuditListener.class, AbstractAuthenticationEvent.class})
    static class OfSignIns {
        @Bean
        @ConditionalOnMissingBean(AbstractAuthenticationAuditListener.class)
        SignIns musterSignIns(MusterAudit audit) {
            return new SignIns(audit);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(HealthIndicator.class)
    static class OfHealth {
        /** UP, or UNKNOWN while events wait: an application is not sick because its audit trail is away. */
        @Bean
        @ConditionalOnEnabledHealthIndicator("muster-audit")
        HealthIndicator musterAuditHealthIndicator(AuditSender sender) {
            return () -> {
                var now = sender.statistics();
                var health = now.away() == null ? Health.up() : Health.unknown().withDetail("away", now.away());
                return health.withDetail("waiting", now.waiting())
                        .withDetail("recorded", now.recorded())
                        .withDetail("refused", now.refused())
                        .withDetail("dropped", now.dropped())
                        .build();
            };
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(MeterBinder.class)
    static class OfMetrics {
        @Bean
        MeterBinder musterAuditMetrics(AuditSender sender, MusterAudit audit) {
            return registry -> {
                Gauge.builder(
                                "muster.audit.waiting",
                                sender,
                                one -> one.statistics().waiting())
                        .register(registry);
                FunctionCounter.builder(
                                "muster.audit.events",
                                sender,
                                one -> one.statistics().recorded())
                        .tag("fate", "recorded")
                        .register(registry);
                FunctionCounter.builder(
                                "muster.audit.events",
                                sender,
                                one -> one.statistics().refused())
                        .tag("fate", "refused")
                        .register(registry);
                FunctionCounter.builder(
                                "muster.audit.events",
                                sender,
                                one -> one.statistics().dropped())
                        .tag("fate", "dropped")
                        .register(registry);
                FunctionCounter.builder("muster.audit.events", audit, MusterAudit::lost)
                        .tag("fate", "lost")
                        .register(registry);
            };
        }
    }
}
