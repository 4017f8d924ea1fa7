package io.muster.server.testing;

import io.muster.server.audit.OwnEvents;
import io.muster.server.audit.TestEvents;
import io.muster.server.deadline.PassingTime;
import io.muster.server.embedded.TestPostgres;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.core.env.MapPropertySource;
import org.springframework.test.context.ContextConfiguration;

/**
 * The whole server over HTTP on real PostgreSQL, with clock and background in the test's hand and nothing scheduled. All
 * classes with this annotation share one server; each test begins with empty tables at {@link TestClock#THREE_AM}.
 */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "muster.background=false",
            "muster.password-rounds=1000",
            "server.port=0",
            "muster.outbound-allow=127.0.0.0/8",
            "muster.trusted-proxies=" + Http.PROXY,
            "muster.smtp-url=smtp://127.0.0.1:${muster.test.smtp-port}"
        })
@ContextConfiguration(initializers = ServerTest.OwnDatabase.class)
@Import({ServerTest.Config.class, PassingTime.class, OwnEvents.class, TestEvents.class, Http.class})
@ExtendWith(FreshServer.class)
@Retention(RetentionPolicy.RUNTIME)
public @interface ServerTest {

    class OwnDatabase implements ApplicationContextInitializer<ConfigurableApplicationContext> {
        private static final AtomicInteger FOLDERS = new AtomicInteger();

        @Override
        public void initialize(ConfigurableApplicationContext context) {
            var database = TestPostgres.fresh();
            context.getEnvironment()
                    .getPropertySources()
                    .addFirst(new MapPropertySource(
                            "test database",
                            Map.of(
                                    "muster.database.url", database.url(),
                                    "muster.database.user", database.user(),
                                    "muster.database.password", database.password(),
                                    "muster.database.owner-user", database.ownerUser(),
                                    "muster.database.owner-password", database.ownerPassword(),
                                    "muster.test.smtp-port", FreePort.SMTP,
                                    "muster.data",
                                            "target/test-data/"
                                                    + ProcessHandle.current().pid() + "-"
                                                    + FOLDERS.incrementAndGet())));
        }
    }

    @TestConfiguration
    class Config {

        @Bean
        @Primary
        TestClock testClock() {
            return new TestClock();
        }

        @Bean
        @Primary
        TestBackground testBackground() {
            return new TestBackground();
        }
    }
}
