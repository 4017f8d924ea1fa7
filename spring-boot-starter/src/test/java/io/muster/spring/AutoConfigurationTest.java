package io.muster.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.muster.client.AuditSender;
import io.muster.client.AuditServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.actuate.audit.AuditEventRepository;
import org.springframework.boot.actuate.audit.InMemoryAuditEventRepository;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.context.SecurityContextHolder;
import tools.jackson.databind.JsonNode;

class AutoConfigurationTest {
    private AuditServer muster;
    private ApplicationContextRunner application;

    @TempDir
    Path folder;

    @BeforeEach
    void start() throws IOException {
        muster = new AuditServer();
        application = new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(MusterAuditAutoConfiguration.class))
                .withPropertyValues(
                        "muster.audit.url=" + muster.uri(),
                        "muster.audit.key=" + AuditServer.KEY,
                        "muster.audit.tenant=acme");
    }

    @AfterEach
    void stop() {
        SecurityContextHolder.clearContext();
        muster.close();
    }

    interface Polite {
        void greet();
    }

    @Configuration(proxyBeanMethods = false)
    public static class Greeting {
        public static class Greeter implements Polite {
            @Override
            @Auditable("greet")
            public void greet() {}
        }

        @Bean
        public Greeter greeter() {
            return new Greeter();
        }
    }

    /** The one event of a call. */
    private JsonNode greeted(ApplicationContextRunner runner) {
        runner.withUserConfiguration(Greeting.class).run(context -> {
            context.getBean(Greeting.Greeter.class).greet();
            assertThat(context.getBean(AuditSender.class).flush(Duration.ofMinutes(1)))
                    .isTrue();
        });
        assertThat(muster.recorded()).hasSize(1);
        return muster.recorded().getFirst();
    }

    @Test
    void without_an_address_of_muster_nothing_is_there() {
        application
                .withUserConfiguration(Greeting.class)
                .withPropertyValues("muster.audit.url=")
                .run(context -> {
                    context.getBean(Greeting.Greeter.class).greet();
                    assertThat(context).doesNotHaveBean(AuditSender.class).doesNotHaveBean(MusterAudit.class);
                });
    }

    @Test
    void nothing_else_than_spring_boot_itself_is_needed() {
        var alone = new FilteredClassLoader(
                "org.springframework.security",
                "jakarta.servlet",
                "org.springframework.web",
                "org.springframework.boot.web",
                "org.springframework.boot.actuate",
                "org.springframework.boot.health",
                "org.springframework.transaction",
                "io.micrometer");
        assertThat(greeted(application.withClassLoader(alone)).get("status").asString())
                .isEqualTo("SUCCESS");
    }

    @Test
    void what_waits_is_delivered_when_the_application_ends() {
        application
                .withUserConfiguration(Greeting.class)
                .withPropertyValues("muster.audit.linger=1s")
                .run(context -> context.getBean(Greeting.Greeter.class).greet());
        assertThat(muster.actions()).containsExactly("greet");
    }

    @Test
    void the_tenant_is_an_attribute_of_who_is_signed_in() {
        var token = new TestingAuthenticationToken(Map.of("tenant", "globex"), "");
        SecurityContextHolder.getContext().setAuthentication(token);
        assertThat(greeted(application.withPropertyValues("muster.audit.tenant-attribute=principal['tenant']"))
                        .get("tenantId")
                        .asString())
                .isEqualTo("globex");
    }

    @Test
    void who_has_no_such_attribute_belongs_to_the_tenant_of_the_settings() {
        SecurityContextHolder.getContext().setAuthentication(new TestingAuthenticationToken("maria", ""));
        var event = greeted(application.withPropertyValues("muster.audit.tenant-attribute=principal.tenant"));
        assertThat(event.get("tenantId").asString()).isEqualTo("acme");
        assertThat(event.get("userId").asString()).isEqualTo("maria");
    }

    @Test
    void a_bean_may_say_the_tenant() {
        assertThat(greeted(application.withBean(TenantResolver.class, () -> context -> "globex"))
                        .get("tenantId")
                        .asString())
                .isEqualTo("globex");
    }

    @Test
    void the_key_may_be_in_a_file() throws IOException {
        var file = Files.writeString(folder.resolve("key"), AuditServer.KEY + "\n");
        greeted(application.withPropertyValues("muster.audit.key=", "muster.audit.key-file=" + file));
    }

    @Test
    void a_wrong_setting_stops_the_start_and_says_what_is_allowed() {
        for (var wrong : List.of(
                List.of("muster.audit.tenant=", "nothing says to which tenant audit events belong"),
                List.of("muster.audit.key=", "muster.audit.key or muster.audit.key-file must be set, and not both"),
                List.of("muster.audit.batch=501", "batch must be between 1 and 500; got 501"),
                List.of("muster.audit.url=muster", "such as https://muster.example.com"))) {
            application
                    .withPropertyValues(wrong.get(0))
                    .run(context ->
                            assertThat(context.getStartupFailure()).rootCause().hasMessageContaining(wrong.get(1)));
        }
    }

    @Test
    void an_applications_own_repository_of_events_stays() {
        var own = new InMemoryAuditEventRepository(7);
        application
                .withBean(AuditEventRepository.class, () -> own)
                .run(context ->
                        assertThat(context.getBean(AuditEventRepository.class)).isSameAs(own));
    }

    @Test
    void health_and_metrics_say_what_became_of_events() {
        muster.always(AuditServer.Fault.AWAY);
        application
                .withUserConfiguration(Greeting.class)
                .withPropertyValues("muster.audit.close-within=0s")
                .run(context -> {
                    var health = context.getBean(HealthIndicator.class);
                    var metrics = new SimpleMeterRegistry();
                    context.getBean(MeterBinder.class).bindTo(metrics);
                    assertThat(health.health().getStatus()).isEqualTo(Status.UP);
                    context.getBean(Greeting.Greeter.class).greet();
                    context.getBean(AuditSender.class).flush(Duration.ofMillis(200));
                    assertThat(health.health().getDetails()).containsEntry("waiting", 1);
                    assertThat(metrics.get("muster.audit.waiting").gauge().value())
                            .isEqualTo(1);
                    muster.always(null);
                    assertThat(context.getBean(AuditSender.class).flush(Duration.ofMinutes(1)))
                            .isTrue();
                    assertThat(health.health().getDetails())
                            .containsEntry("recorded", 1L)
                            .containsEntry("waiting", 0);
                    assertThat(metrics.get("muster.audit.events")
                                    .tag("fate", "recorded")
                                    .functionCounter()
                                    .count())
                            .isEqualTo(1);
                });
    }
}
