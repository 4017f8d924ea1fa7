package io.muster.server.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.testing.ServerTest;
import io.muster.server.testing.TestClock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.transaction.support.TransactionOperations;

@ServerTest
class AuditLogTest {
    @Autowired
    AuditLog log;

    @Autowired
    TransactionOperations transaction;

    @Test
    void reader_never_passes_by_an_event_of_a_slower_transaction() throws Exception {
        var slowHasWritten = new CountDownLatch(1);
        var slowMayCommit = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var slow = threads.submit(() -> transaction.executeWithoutResult(_ -> {
                record("slow");
                slowHasWritten.countDown();
                await(slowMayCommit);
            }));
            slowHasWritten.await();
            transaction.executeWithoutResult(_ -> record("quick"));

            var before = log.pending(10, TestClock.THREE_AM);
            slowMayCommit.countDown();
            slow.get();
            var after = log.pending(10, TestClock.THREE_AM);

            assertThat(before).extracting(AuditLog.Pending::action).doesNotContain("quick");
            assertThat(after).extracting(AuditLog.Pending::action).containsExactly("slow", "quick");
        }
    }

    @Test
    void event_that_was_rolled_back_never_appears() {
        transaction.executeWithoutResult(status -> {
            record("undone");
            status.setRollbackOnly();
        });
        assertThat(log.pending(10, TestClock.THREE_AM)).isEmpty();
    }

    private void record(String action) {
        log.record(List.of(OwnEvent.of(OwnEvent.PLATFORM, action, "/x", TestClock.THREE_AM, Map.of("n", 1))));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }
}
