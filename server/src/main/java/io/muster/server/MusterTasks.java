package io.muster.server;

import java.time.Duration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.core.task.TaskExecutor;

/** What runs beside the requests: deliveries, probes. Whoever hands work over bounds how much of it there is. */
@Configuration(proxyBeanMethods = false)
class MusterTasks {
    private static final Duration LAST_WORDS = Duration.ofSeconds(5);

    /** Named as the parameters that ask for it, since the scheduler is a {@code TaskExecutor} too. */
    @Bean
    TaskExecutor background() {
        var tasks = new SimpleAsyncTaskExecutor("background-");
        tasks.setVirtualThreads(true);
        tasks.setTaskTerminationTimeout(LAST_WORDS.toMillis());
        return tasks;
    }
}
