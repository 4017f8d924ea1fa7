package io.muster.server.access;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * The second wall around a tenant. The first is that queries ask for the caller's tenant only; this one is in the
 * database: while a request of a confined caller uses a connection, {@code muster.tenant} names the tenant, and row level
 * security shows no other tenant's rows. It is gone before anybody else gets the connection.
 */
@Configuration(proxyBeanMethods = false)
class TenantConfinement {

    @Bean
    static BeanPostProcessor confinedDataSource() {
        return new BeanPostProcessor() {
            @Override
            public Object postProcessAfterInitialization(Object bean, String name) {
                return bean instanceof DataSource pool && name.equals("dataSource") ? new Confined(pool) : bean;
            }
        };
    }

    static final class Confined extends DelegatingDataSource {

        private static final Logger log = LoggerFactory.getLogger(Confined.class);

        Confined(DataSource pool) {
            super(pool);
        }

        @Override
        public Connection getConnection() throws SQLException {
            var tenant = Access.current().tenant();
            var connection = super.getConnection();
            if (tenant == null) return connection;
            try {
                name(connection, tenant);
            } catch (SQLException | RuntimeException failure) {
                connection.close();
                throw failure;
            }
            return (Connection) Proxy.newProxyInstance(
                    Connection.class.getClassLoader(),
                    new Class<?>[] {Connection.class},
                    (proxy, method, arguments) -> {
                        if (method.getName().equals("close")) {
                            free(connection);
                            return null;
                        }
                        try {
                            return method.invoke(connection, arguments);
                        } catch (InvocationTargetException failure) {
                            throw failure.getCause();
                        }
                    });
        }

        /** Forgets the tenant; a connection that cannot is never used again. */
        private static void free(Connection connection) throws SQLException {
            if (connection.isClosed()) return;
            try (connection) {
                if (!connection.getAutoCommit()) {
                    connection.rollback(); // else the pool's own rollback would bring the tenant back
                    connection.setAutoCommit(true);
                }
                name(connection, null);
            } catch (SQLException failure) {
                log.warn("a connection of a confined caller is thrown away: {}", failure.getMessage());
                connection.abort(Runnable::run);
            }
        }

        private static void name(Connection connection, @Nullable String tenant) throws SQLException {
            try (var sql = connection.prepareStatement("select set_config('muster.tenant', ?, false)")) {
                sql.setString(1, tenant == null ? "" : tenant);
                sql.execute();
            }
        }
    }
}
