package io.muster.server.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.deadline.PassingTime;
import io.muster.server.testing.ServerTest;
import java.time.Duration;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

@ServerTest
class HearingTest {

    @Autowired
    JdbcClient db;

    @Autowired
    PlatformTransactionManager transactions;

    @Autowired
    TestChecks checks;

    @Autowired
    CheckRepository rows;

    @Autowired
    CheckChanges changes;

    @Autowired
    PassingTime time;

    private long nanos = 1;

    private <T> T inTransaction(Supplier<T> work) {
        return new TransactionTemplate(transactions).execute(_ -> work.get());
    }

    @Test
    void silence_counts_again_a_minute_after_pings_can_be_stored_again() {
        var hearing = new Hearing(db, transactions, () -> nanos);
        assertThat(inTransaction(hearing::isSilenceJudged)).isTrue();
        hearing.refused();
        assertThat(inTransaction(hearing::isSilenceJudged)).isFalse();
        nanos += Duration.ofSeconds(59).toNanos();
        assertThat(inTransaction(hearing::isSilenceJudged)).isFalse();
        hearing.refused();
        assertThat(inTransaction(hearing::isSilenceJudged)).isFalse();
        nanos += Duration.ofSeconds(59).toNanos();
        assertThat(inTransaction(hearing::isSilenceJudged)).isFalse();
        nanos += Duration.ofSeconds(1).toNanos();
        assertThat(inTransaction(hearing::isSilenceJudged)).isTrue();
        assertThat(db.sql("select count(*) from ping").query(Long.class).single())
                .as("what was only tried")
                .isZero();
    }

    @Test
    void check_that_could_not_be_heard_is_not_down_yet_and_is_if_it_stays_silent() {
        var hearing = new Hearing(db, transactions, () -> nanos);
        var deadline = new CheckDeadline(rows, changes, hearing);
        var check = checks.daily("nightly");
        db.sql("update checks set status = 'up', last_ping = :at, last_success = :at where id = :id")
                .param("at", time.now().minus(Duration.ofDays(2)).atOffset(java.time.ZoneOffset.UTC))
                .param("id", check.id())
                .update();
        var keys = java.util.List.of(Long.toString(check.id()));
        hearing.refused();
        var again = inTransaction(() -> deadline.wake(keys, time.now()));
        assertThat(again).containsOnlyKeys(keys);
        assertThat(checks.flips(check)).isEmpty();
        nanos += Hearing.SETTLE.toNanos();
        assertThat(inTransaction(() -> deadline.wake(keys, time.now()))).isEmpty();
        assertThat(checks.flips(check)).containsExactly("up>down timeout");
    }
}
