package io.muster.server.heartbeat;

import io.muster.server.deadline.DeadlineKind;
import io.muster.server.deadline.Deadlines;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** What deleted checks leave behind is removed in batches: pings, what was found of their runs, flips. */
@Repository
class DeletedChecks implements DeadlineKind {

    /** Of one of these, of one check, in one transaction. */
    static final int BATCH = 10_000;

    private final JdbcClient db;
    private final Deadlines deadlines;

    DeletedChecks(JdbcClient db, Deadlines deadlines) {
        this.db = db;
        this.deadlines = deadlines;
    }

    /** However many there are, deleting a check costs one row. */
    void forget(List<Check> deleted, Instant now) {
        deadlines.arm(name(), deleted.stream().collect(Collectors.toMap(check -> Long.toString(check.id()), _ -> now)));
    }

    @Override
    public String name() {
        return "pings-of-deleted-check";
    }

    /** A check may have left any number. */
    @Override
    public int batch() {
        return 4;
    }

    @Override
    public Map<String, Instant> wake(List<String> ids, Instant now) {
        var again = new HashMap<String, Instant>();
        for (var id : ids) {
            long check = Long.parseLong(id);
            int removed = remove(check, """
                    delete from ping
                     where check_id = :check
                       and n in (select n from ping where check_id = :check order by n limit :batch)
                    """);
            if (removed < BATCH) removed = remove(check, """
                    delete from judged_run
                     where check_id = :check
                       and n in (select n from judged_run where check_id = :check order by n limit :batch)
                    """);
            if (removed < BATCH) removed = remove(check, """
                    delete from flip
                     where id in (select id from flip where check_id = :check order by id desc limit :batch)
                    """);
            if (removed == BATCH) again.put(id, now.plusSeconds(1));
        }
        return again;
    }

    private int remove(long check, String sql) {
        return db.sql(sql).param("check", check).param("batch", BATCH).update();
    }
}
