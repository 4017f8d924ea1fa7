package io.muster.server.badday;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.server.incident.channel.webhook.WebhookReceiver;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What several servers on one database have done, as the database and a receiver of alerts show it. */
record Facts(JdbcClient db) {

    /** A check whose last success was so long ago that it is down at {@code downAt}. */
    record Waiting(String uuid, Instant downAt) {}

    /** Checks with a period and a grace of a day each become such. */
    void age(List<Waiting> checks) {
        db.sql("""
                with aged as (update checks
                                 set channels = null, status = 'up', status_since = down_at - interval '2 days', armed_at = down_at,
                                     last_ping = down_at - interval '2 days', last_success = down_at - interval '2 days'
                                from unnest(cast(:uuids as uuid[]), cast(:instants as timestamptz[])) as late (named, down_at)
                               where uuid = named
                           returning id, down_at)
                insert into deadline (kind, key, due_at)
                select 'check', cast(id as text), down_at
                  from aged
                """)
                .param("uuids", checks.stream().map(Waiting::uuid).toArray(String[]::new))
                .param(
                        "instants",
                        checks.stream().map(check -> check.downAt().toString()).toArray(String[]::new))
                .update();
    }

    long silences(List<Waiting> checks) {
        return db.sql("""
                select count(*)
                  from flip
                 where reason = 'timeout'
                   and check_id in (select id from checks where uuid = any (cast(:uuids as uuid[])))
                """)
                .param("uuids", checks.stream().map(Waiting::uuid).toArray(String[]::new))
                .query(Long.class)
                .single();
    }

    void assertPingsAreNumberedWithoutAGap() {
        assertThat(strings("""
                        select checks.job_id
                          from checks join ping on ping.check_id = checks.id
                         group by checks.id, checks.job_id, checks.pings
                        having count(*) <> checks.pings or max(n) <> checks.pings or min(n) <> 1
                        """))
                .as("checks whose pings are not numbered without a gap")
                .isEmpty();
    }

    /** Each follows the one before, in status and in time, and is on record once. */
    void assertFlipsHappenOnce() {
        assertThat(strings("""
                        select check_id || ': ' || before || ' ' || from_status || '>' || to_status || ' at ' || at || ' after ' || earlier
                          from (select *, lag(to_status) over same as before, lag(at) over same as earlier
                                  from flip window same as (partition by check_id order by id)) as flips
                         where from_status = to_status or from_status <> before or at < earlier
                        """)).as("flips that do not follow the one before").isEmpty();
        assertThat(strings("""
                        select check_id || ' at ' || at from flip group by check_id, at, to_status having count(*) > 1
                        """)).as("flips that are there twice").isEmpty();
        await("what Muster did is sealed")
                .atMost(Duration.ofSeconds(30))
                .until(() -> count("select count(*) from own_event") == 0);
        assertThat(strings("""
                        with events as materialized (
                            select action, cast(convert_from(envelope, 'UTF8') as jsonb) as envelope
                              from audit_event
                             where action like 'check.%' and (select set_config('muster.log', '*', false)) = '*')
                        select checks.job_id || ': ' || count(events.action)
                          from flip join checks on checks.id = flip.check_id
                          left join events on events.envelope ->> 'resource' = '/jobs/' || checks.job_id
                               and cast(events.envelope ->> 'occurred_at' as timestamptz) = date_trunc('milliseconds', flip.at)
                               and events.action = 'check.' || flip.to_status
                         group by flip.id, checks.job_id having count(events.action) <> 1
                        """)).as("flips that are not on record once").isEmpty();
    }

    /** At least so many topics are told, each once, and a message that was sent again had the same id. */
    void assertToldOnce(WebhookReceiver ops, int topics) {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> count("select count(*) from alert where place is null") == 0);
        // who is up again within seconds is not told of
        await("the first messages are due")
                .atMost(Duration.ofSeconds(30))
                .until(() -> count("select count(distinct topic) from delivery") >= topics);
        // a try that died with its server is made again when its lease is over: now
        await().atMost(Duration.ofSeconds(40))
                .pollInterval(Duration.ofSeconds(4))
                .until(() -> {
                    if (count("select count(*) from delivery where state <> 'sent'") == 0) return true;
                    leasesRunOut();
                    return false;
                });
        assertThat(strings("select channel || ' ' || topic from delivery group by 1 having count(*) > 1"))
                .as("topics that are told twice")
                .isEmpty();
        assertThat(ops.complaints).isEmpty();
        var ids = strings("select id from delivery");
        assertThat(ops.calls.stream().map(call -> call.header("webhook-id")).distinct())
                .containsExactlyInAnyOrderElementsOf(ids);
    }

    private void leasesRunOut() {
        db.sql("""
                with lost as (update delivery set next_try = now() - interval '1 hour'
                               where state <> 'sent' and last_try_at < now() - interval '10 seconds'
                           returning id)
                update deadline set due_at = now() - interval '1 hour'
                 where kind = 'delivery' and key in (select id from lost)
                """).update();
    }

    long count(String sql) {
        return db.sql(sql).query(Long.class).single();
    }

    List<String> strings(String sql) {
        return db.sql(sql).query(String.class).list();
    }
}
