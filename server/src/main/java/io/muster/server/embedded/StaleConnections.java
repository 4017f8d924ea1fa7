package io.muster.server.embedded;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Closes all that waits in the pool when some of it could not be had in time. The pool asks its connections one by one
 * whether they still live, and one that the network has forgotten costs it half a second; so, when the database is back,
 * requests would go on failing until the last of them was found out.
 */
@Configuration(proxyBeanMethods = false)
class StaleConnections {

    @Bean
    static BeanPostProcessor distrustfulPool() {
        return new BeanPostProcessor() {
            @Override
            public Object postProcessAfterInitialization(Object bean, String name) {
                return bean instanceof HikariDataSource pool ? new Distrustful(pool) : bean;
            }
        };
    }

    private static final class Distrustful extends DelegatingDataSource {

        private static final Logger log = LoggerFactory.getLogger(Distrustful.class);

        private final HikariDataSource pool;

        Distrustful(HikariDataSource pool) {
            super(pool);
            this.pool = pool;
        }

        @Override
        public Connection getConnection() throws SQLException {
            try {
                return super.getConnection();
            } catch (SQLTransientConnectionException late) {
                closeIdle();
                throw late;
            }
        }

        /** If none is idle the pool is only busy, and new connections would make it no less so. */
        private void closeIdle() {
            var control = pool.getHikariPoolMXBean();
            if (control == null || control.getIdleConnections() == 0) return;
            log.info("{} waiting connections to the database are thrown away", control.getIdleConnections());
            control.softEvictConnections();
        }
    }
}
