package io.muster.server.demo;

import io.muster.server.embedded.ReadFirst;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the demo plays.
 *
 * @param catalogue what is declared, as for {@code ./muster apply}; by default {@code examples/demo.yaml}
 * @param every how often each job runs
 * @param breaks the job whose target becomes unreachable, once in the life of a data folder
 * @param breakAfter how long after the first start
 */
@ReadFirst
@ConfigurationProperties("muster.demo")
record DemoProperties(
        @Nullable Path catalogue,
        @DefaultValue("20s") Duration every,
        @DefaultValue("users-to-eu-central-1") String breaks,
        @DefaultValue("1m") Duration breakAfter) {}
