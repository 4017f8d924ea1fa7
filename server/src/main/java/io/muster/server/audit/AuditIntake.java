package io.muster.server.audit;

import io.muster.server.audit.Append.Outcome;
import io.muster.server.groupcommit.GroupCommit;
import io.muster.server.problem.BodyLimit;
import java.time.Duration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Joins the parts that take events in. */
@Configuration(proxyBeanMethods = false)
class AuditIntake {

    /** NDJSON; an array may have less, see {@link IngestFilter}. */
    private static final long LARGEST_BODY = 64L << 20;

    private static final GroupCommit.Limits LIMITS =
            new GroupCommit.Limits("audit", 4_096, 512, 1, Duration.ofSeconds(8));

    @Bean(destroyMethod = "close")
    GroupCommit<Append, Outcome> auditCommits(Sequencer sequencer) {
        return new GroupCommit<>(sequencer, _ -> 0, LIMITS);
    }

    @Bean
    BodyLimit auditBody() {
        return new BodyLimit(IngestFilter.PATH, LARGEST_BODY);
    }
}
