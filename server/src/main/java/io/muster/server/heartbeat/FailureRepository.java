package io.muster.server.heartbeat;

import static java.util.Objects.requireNonNull;

import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Why jobs failed, read out of their stored pings when somebody asks: a ping itself pays nothing for it. */
@Repository
class FailureRepository {

    /** Among so many pings of a check the last failure is looked for. */
    private static final int LOOKED_AT = 100;

    private final JdbcClient db;

    FailureRepository(JdbcClient db) {
        this.db = db;
    }

    /** The last failure of each, by check; of those that had one lately. */
    Map<Long, Failure> last(Collection<Long> checks) {
        var failures = new HashMap<Long, Failure>();
        db.sql("""
                select failed.check_id, failed.n, failed.at, failed.exit_status, failed.body, judged_run.problem, judged_run.why
                  from unnest(:checks) as asked (id)
                 cross join lateral (select check_id, n, at, exit_status, body
                                       from (select check_id, n, at, kind, exit_status, body
                                               from ping
                                              where check_id = asked.id
                                              order by n desc
                                              limit :most) as lately
                                      where kind = 'fail'
                                      order by n desc
                                      limit 1) as failed
                  left join judged_run on judged_run.check_id = failed.check_id and judged_run.n = failed.n
                """)
                .param("checks", checks.toArray(Long[]::new))
                .param("most", LOOKED_AT)
                .query(row -> {
                    var exit = row.getObject("exit_status", Integer.class);
                    var body = row.getBytes("body");
                    var trouble = Trouble.of(row.getString("problem"), row.getString("why"));
                    failures.put(
                            row.getLong("check_id"),
                            new Failure(
                                    row.getLong("n"),
                                    requireNonNull(row.getObject("at", OffsetDateTime.class))
                                            .toInstant(),
                                    exit,
                                    trouble != null
                                            ? FailureCause.taken(trouble)
                                            : FailureCause.of(exit, body == null ? new byte[0] : body)));
                });
        return failures;
    }
}
