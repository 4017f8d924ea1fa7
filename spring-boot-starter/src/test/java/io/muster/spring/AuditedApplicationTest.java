package io.muster.spring;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.client.AuditSender;
import io.muster.client.AuditServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpStatus;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.method.configuration.EnableMethodSecurity;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.stereotype.Component;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An application with Security, transactions and Actuator, called over HTTP; its events are taken by a server that keeps to the contract. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "spring.application.name=billing",
            "muster.audit.key=" + AuditServer.KEY,
            "muster.audit.region=eu-west-1",
            "muster.audit.tenant=acme",
            "muster.audit.tenant-attribute=principal.username == 'root' ? 'globex' : null",
            "muster.audit.tenant-header=X-Tenant",
            "muster.audit.ignore=session.change",
            "muster.audit.trusted-proxies=127.0.0.0/8"
        })
class AuditedApplicationTest {
    private static AuditServer muster;

    @LocalServerPort
    private int port;

    @Autowired
    private AuditSender sender;

    @Autowired
    private MusterAudit audit;

    @Autowired
    private Accounts accounts;

    @Autowired
    private PlatformTransactionManager transactions;

    @Autowired
    private ApplicationEventPublisher events;

    private int before;

    @BeforeAll
    static void start() throws IOException {
        muster = new AuditServer();
    }

    @AfterAll
    static void stop() {
        muster.close();
    }

    @DynamicPropertySource
    static void where(DynamicPropertyRegistry settings) {
        settings.add("muster.audit.url", muster::uri);
    }

    @BeforeEach
    void mark() {
        sender.flush(Duration.ofMinutes(1));
        before = muster.recorded().size();
    }

    /** What this test recorded. */
    private List<JsonNode> events() {
        assertThat(sender.flush(Duration.ofMinutes(1))).isTrue();
        return muster.recorded().subList(before, muster.recorded().size());
    }

    private JsonNode event(String action) {
        var some = events().stream()
                .filter(event -> event.get("action").asString().equals(action))
                .toList();
        assertThat(some).as(action).hasSize(1);
        return some.getFirst();
    }

    @EnableAutoConfiguration
    @EnableMethodSecurity
    @EnableTransactionManagement
    @Configuration(proxyBeanMethods = false)
    @Import({Accounts.class, Api.class})
    static class Application {
        @Bean
        SecurityFilterChain security(HttpSecurity http) throws Exception {
            return http.authorizeHttpRequests(requests -> requests.requestMatchers("/admin/**")
                            .hasRole("ADMIN")
                            .anyRequest()
                            .authenticated())
                    .httpBasic(Customizer.withDefaults())
                    .csrf(csrf -> csrf.disable())
                    .build();
        }

        @Bean
        UserDetailsService users() {
            return new InMemoryUserDetailsManager(
                    User.withUsername("anand.k")
                            .password("{noop}right")
                            .roles("USER")
                            .build(),
                    User.withUsername("root")
                            .password("{noop}right")
                            .roles("USER", "ADMIN")
                            .build());
        }

        @Bean
        PlatformTransactionManager transactions() {
            return new AbstractPlatformTransactionManager() {
                @Override
                protected Object doGetTransaction() {
                    return new Object();
                }

                @Override
                protected void doBegin(Object transaction, TransactionDefinition definition) {}

                @Override
                protected void doCommit(DefaultTransactionStatus status) {}

                @Override
                protected void doRollback(DefaultTransactionStatus status) {}
            };
        }
    }

    record Account(String id, String owner) {}

    @ResponseStatus(HttpStatus.CONFLICT)
    static class Closed extends RuntimeException {
        Closed() {
            super("the account of anand.k is closed");
        }
    }

    @Component
    static class Accounts {
        @Auditable(
                value = "account.open",
                resource = "'accounts/' + #result.id",
                details = "{limit: #limit, pin: #pin, account: #result}",
                subject = "#owner",
                dataCategories = {"pii", "pci"})
        public Account open(String owner, int limit, @Masked String pin) {
            return new Account("17", owner);
        }

        @Auditable(value = "account.close", resource = "'accounts/' + #id")
        public void close(String id) {
            throw new Closed();
        }

        @PreAuthorize("hasRole('ADMIN')")
        @Auditable(value = "account.freeze", resource = "'accounts/' + #id")
        public void freeze(String id) {}

        @Auditable(value = "account.read", parameters = true)
        public void read(String id, @Masked char[] secret, Account like, List<Integer> pages) {}

        @Auditable(value = "account.odd", resource = "#id.nothing", details = "{a: 1}")
        public void odd(String id) {}

        @Auditable(value = "account.move", tenant = "#to")
        public void move(String to) {}

        @Auditable("account.count")
        public CompletableFuture<Integer> count(CompletableFuture<Integer> result) {
            return result;
        }

        @Transactional
        @Auditable("account.pay")
        public void pay() {}
    }

    @RestController
    static class Api {
        private final Accounts accounts;
        private final MusterAudit audit;

        Api(Accounts accounts, MusterAudit audit) {
            this.accounts = accounts;
            this.audit = audit;
        }

        @PostMapping("/accounts")
        void open(@RequestParam String owner) {
            accounts.open(owner, 100, "4711");
        }

        @PostMapping("/accounts/{id}/close")
        void close(@PathVariable String id) {
            accounts.close(id);
        }

        @PostMapping("/accounts/{id}/freeze")
        void freeze(@PathVariable String id) {
            accounts.freeze(id);
        }

        @GetMapping("/admin/all")
        void all() {}

        @GetMapping("/aside")
        void aside() throws InterruptedException {
            var thread = new Thread(audit.carried(() -> audit.record("aside", event -> event.detail("n", 1))));
            thread.start();
            thread.join();
        }
    }

    private int call(String method, String path, String user, String password, Map<String, String> headers)
            throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .header(
                        "Authorization",
                        "Basic "
                                + Base64.getEncoder()
                                        .encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8)));
        headers.forEach(request::header);
        try (var http = HttpClient.newHttpClient()) {
            return http.send(request.build(), BodyHandlers.discarding()).statusCode();
        }
    }

    @Test
    void a_call_over_http_says_who_where_for_whom_and_what_was_returned() throws Exception {
        var headers = Map.ofEntries(
                entry("User-Agent", "browser/1"),
                entry("X-Tenant", "globex"),
                entry("X-Forwarded-For", "192.0.2.1, 203.0.113.9"),
                entry("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
        assertThat(call("POST", "/accounts?owner=maria", "anand.k", "right", headers))
                .isEqualTo(200);
        var event = event("account.open").deepCopy();
        var members = new JsonMapper().readTree("""
                {"tenantId":"globex","action":"account.open","status":"SUCCESS","userId":"anand.k","resource":"accounts/17",
                 "ip":"203.0.113.9","userAgent":"browser/1","service":"billing","region":"eu-west-1",
                 "traceId":"4bf92f3577b34da6a3ce929d0e0e4736","subjectId":"maria","dataCategories":["pii","pci"]}""");
        assertThat(event.properties()).containsAll(members.properties());
        assertThat(event.at("/details/limit").asInt()).isEqualTo(100);
        assertThat(event.at("/details/pin").asString()).isEqualTo("***");
        assertThat(event.at("/details/account").asString()).isEqualTo("(" + Account.class.getTypeName() + ")");
        assertThat(event("authentication.success").get("userId").asString()).isEqualTo("anand.k");
    }

    @Test
    void what_throws_failed_and_the_event_has_the_class_and_not_the_message() throws Exception {
        assertThat(call("POST", "/accounts/17/close", "anand.k", "right", Map.of()))
                .isEqualTo(409);
        var event = event("account.close");
        assertThat(event.get("status").asString()).isEqualTo("FAILURE");
        assertThat(event.get("resource").asString()).isEqualTo("accounts/17");
        assertThat(event.at("/details/error").asString()).isEqualTo(Closed.class.getName());
        assertThat(event.toString()).doesNotContain("is closed");
    }

    @Test
    void what_security_forbids_was_denied() throws Exception {
        assertThat(call("POST", "/accounts/17/freeze", "anand.k", "right", Map.of()))
                .isEqualTo(403);
        var event = event("account.freeze");
        assertThat(event.get("status").asString()).isEqualTo("DENIED");
        assertThat(event.get("userId").asString()).isEqualTo("anand.k");
        assertThat(event("authorization.failure").get("status").asString()).isEqualTo("DENIED");
    }

    @Test
    void a_path_that_is_not_for_this_user_is_an_event_without_any_code() throws Exception {
        assertThat(call("GET", "/admin/all", "anand.k", "right", Map.of())).isEqualTo(403);
        var event = event("authorization.failure");
        assertThat(event.get("status").asString()).isEqualTo("DENIED");
        assertThat(event.get("userId").asString()).isEqualTo("anand.k");
        assertThat(event.get("tenantId").asString()).isEqualTo("acme");
    }

    @Test
    void a_refused_login_names_who_was_tried_from_where_and_no_session() throws Exception {
        assertThat(call("GET", "/admin/all", "root", "wrong", Map.of("X-Forwarded-For", "198.51.100.4")))
                .isEqualTo(401);
        var event = event("authentication.failure");
        assertThat(event.get("status").asString()).isEqualTo("FAILURE");
        assertThat(event.get("userId").asString()).isEqualTo("root");
        assertThat(event.get("ip").asString()).isEqualTo("198.51.100.4");
        assertThat(event.get("details").propertyNames()).containsExactlyInAnyOrder("_source", "type", "message");
    }

    @Test
    void a_sign_in_is_in_the_log_of_the_tenant_of_who_signs_in() throws Exception {
        assertThat(call("GET", "/admin/all", "root", "right", Map.of())).isEqualTo(200);
        assertThat(event("authentication.success").get("tenantId").asString()).isEqualTo("globex");
    }

    @Test
    void an_applications_own_events_of_boot_are_recorded_but_for_those_that_are_ignored() {
        events.publishEvent(new AuditApplicationEvent("maria", "REPORT_MADE", Map.of("pages", 7)));
        events.publishEvent(new AuditApplicationEvent("maria", "SESSION_CHANGE", Map.of()));
        assertThat(event("report.made").get("userId").asString()).isEqualTo("maria");
        assertThat(event("report.made").at("/details/pages").asInt()).isEqualTo(7);
        assertThat(events()).hasSize(1);
    }

    @Test
    void a_login_with_a_name_of_any_length_is_recorded_too() throws Exception {
        assertThat(call("GET", "/admin/all", "x".repeat(3000), "wrong", Map.of()))
                .isEqualTo(401);
        assertThat(event("authentication.failure").get("userId").asString()).hasSize(500);
    }

    @Test
    void another_thread_knows_what_was_carried_there() throws Exception {
        assertThat(call("GET", "/aside", "anand.k", "right", Map.of("User-Agent", "browser/2")))
                .isEqualTo(200);
        var event = event("aside");
        assertThat(event.get("userId").asString()).isEqualTo("anand.k");
        assertThat(event.get("userAgent").asString()).isEqualTo("browser/2");
    }

    @Test
    void parameters_are_shown_but_for_what_is_masked_and_what_is_no_plain_value() {
        accounts.read("17", "secret".toCharArray(), new Account("1", "maria"), List.of(1, 2));
        assertThat(event("account.read").at("/details/parameters").toString())
                .isEqualTo("{\"id\":\"17\",\"secret\":\"***\",\"like\":\"(" + Account.class.getTypeName()
                        + ")\",\"pages\":[1,2]}");
    }

    @Test
    void outside_of_a_request_an_event_has_no_user_and_no_address() {
        accounts.move("globex");
        var event = event("account.move");
        assertThat(event.get("tenantId").asString()).isEqualTo("globex");
        assertThat(event.has("userId")).isFalse();
        assertThat(event.has("ip")).isFalse();
    }

    @Test
    void an_expression_that_cannot_be_read_harms_neither_the_call_nor_the_rest_of_the_event() {
        accounts.odd("17");
        var event = event("account.odd");
        assertThat(event.at("/details/_unread").toString()).isEqualTo("[\"resource\"]");
        assertThat(event.at("/details/a").asInt()).isEqualTo(1);
        assertThat(event.has("resource")).isFalse();
    }

    @Test
    void a_future_is_recorded_when_it_ends() {
        var result = new CompletableFuture<Integer>();
        accounts.count(result);
        assertThat(events()).isEmpty();
        result.completeExceptionally(new AccessDeniedException("no"));
        assertThat(event("account.count").get("status").asString()).isEqualTo("DENIED");
    }

    @Test
    void what_the_callers_transaction_undoes_has_failed() {
        var transaction = new TransactionTemplate(transactions);
        transaction.executeWithoutResult(status -> {
            accounts.pay();
            assertThat(events()).isEmpty();
            status.setRollbackOnly();
        });
        assertThat(event("account.pay").get("status").asString()).isEqualTo("FAILURE");
        assertThat(event("account.pay").at("/details/error").asString()).isEqualTo("rolled back");
        before = muster.recorded().size();
        transaction.executeWithoutResult(status -> accounts.pay());
        assertThat(event("account.pay").get("status").asString()).isEqualTo("SUCCESS");
        before = muster.recorded().size();
        accounts.pay();
        assertThat(event("account.pay").get("status").asString()).isEqualTo("SUCCESS");
    }

    @Test
    void what_code_records_itself_never_throws() {
        audit.record("odd", event -> event.detail("x", new Object()));
        audit.record("odd", event -> {
            throw new Closed();
        });
        assertThat(events()).isEmpty();
        assertThat(audit.lost()).isGreaterThanOrEqualTo(2);
        assertThatThrownBy(() -> accounts.close("17")).isInstanceOf(Closed.class);
    }
}
