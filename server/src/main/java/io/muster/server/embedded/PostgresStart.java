package io.muster.server.embedded;

import com.sun.management.OperatingSystemMXBean;
import com.zaxxer.hikari.HikariDataSource;
import java.lang.management.ManagementFactory;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.aot.AbstractAotProcessor;
import org.springframework.context.support.GenericApplicationContext;

/**
 * Our own PostgreSQL, starting: in a thread of its own, because Spring and PostgreSQL each take about half a second before
 * one needs the other.
 */
public final class PostgresStart implements AutoCloseable {
    /** What {@code muster.database.url} is when no database is given. */
    static final String EMBEDDED = "embedded";

    private final CompletableFuture<EmbeddedPostgres> started = new CompletableFuture<>();

    PostgresStart(DataFolder folder, ObjectProvider<DataSource> pools, Runnable tell) {
        Thread.ofPlatform().daemon().name("postgres-start").start(() -> {
            try {
                var machine = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
                var settings = EmbeddedPostgres.settingsFor(machine.getTotalMemorySize());
                started.complete(new EmbeddedPostgres(folder, settings, () -> {
                    pools.forEach(PostgresStart::reconnect);
                    tell.run();
                }));
            } catch (Throwable failure) { // told to whom waits for it
                started.completeExceptionally(failure);
            }
        });
    }

    /** Begins as soon as it is known that no other database is given: before any bean. Not while the build lists the beans. */
    public static ApplicationContextInitializer<GenericApplicationContext> early(DataFolder folder) {
        return context -> {
            var url = context.getEnvironment().getRequiredProperty("muster.database.url");
            if (url.equals(EMBEDDED) && !Boolean.getBoolean(AbstractAotProcessor.AOT_PROCESSING)) {
                DefaultListableBeanFactory beans = context.getDefaultListableBeanFactory();
                var start = new PostgresStart(folder, beans.getBeanProvider(DataSource.class), () -> {
                    if (context.isRunning()) context.publishEvent(new DatabaseRestarted());
                });
                beans.registerSingleton("postgresStart", start);
                beans.registerDisposableBean("postgresStart", start::close); // when Spring fails before it is asked for
            }
        };
    }

    /**
     * Waits until it accepts connections.
     *
     * @throws CannotStart when it never will
     */
    EmbeddedPostgres postgres() {
        try {
            return started.join();
        } catch (CompletionException failure) {
            throw failure.getCause() instanceof CannotStart told ? told : failure;
        }
    }

    private static void reconnect(DataSource pool) {
        try {
            var control = pool.unwrap(HikariDataSource.class).getHikariPoolMXBean();
            if (control != null) {
                control.softEvictConnections();
            }
        } catch (SQLException other) {
            throw new IllegalStateException("not a pool of Hikari's: " + pool, other);
        }
    }

    @Override
    public void close() {
        started.handle((postgres, failure) -> {
                    if (failure == null) postgres.close();
                    return null;
                })
                .join();
    }
}
