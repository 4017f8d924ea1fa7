package io.muster.server.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.audit.AuditLog.Position;
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

            var before = log.pending(Position.START, 10);
            slowMayCommit.countDown();
            slow.get();
            var position = before.isEmpty() ? Position.START : before.getLast().position();
            var after = log.pending(position, 10);

            assertThat(before).extracting(AuditLog.Pending::action).doesNotContain("quick");
            assertThat(after).extracting(AuditLog.Pending::action).containsExactly("slow", "quick");
        }
    }

    @Test
    void pages_follow_each_other_without_gap_or_repetition() {
        for (int i = 0; i < 5; i++) {
            var action = "tick." + i;
            transaction.executeWithoutResult(_ -> record(action));
        }
        var first = log.pending(Position.START, 2);
        var rest = log.pending(first.getLast().position(), 10);
        assertThat(first).extracting(AuditLog.Pending::action).containsExactly("tick.0", "tick.1");
        assertThat(rest).extracting(AuditLog.Pending::action).containsExactly("tick.2", "tick.3", "tick.4");
    }

    @Test
    void event_that_was_rolled_back_never_appears() {
        transaction.executeWithoutResult(status -> {
            record("undone");
            status.setRollbackOnly();
        });
        assertThat(log.pending(Position.START, 10)).isEmpty();
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
