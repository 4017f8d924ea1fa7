-- What is kept of a check only where its declaration asks for it, so that no other check's ping pays for it.

-- Runs that have started and not ended, of checks with max_runtime or min_runtime; n is the number of the start ping.
create table open_run (
    check_id   bigint      not null references checks on delete cascade,
    n          bigint      not null,
    rid        uuid,
    started_at timestamptz not null,
    primary key (check_id, n)
);
grant select, insert, delete on open_run to "${app}";

-- Failures and missed deadlines in a row, of checks with failures_before_alert. No row: none, or it tells at the first.
create table failures_in_a_row (
    check_id  bigint  primary key references checks on delete cascade,
    failures  integer not null check (failures > 0),
    told      boolean not null,  -- people were
    missed_at timestamptz        -- up to when what was expected has been counted; null: up to the last report
);
grant select, insert, update, delete on failures_in_a_row to "${app}";

-- Why Muster took a run for a failure that did not report one; n is the ping that ended it, or the start of one that is too long.
create table run_problem (
    check_id bigint not null references checks on delete cascade,
    n        bigint not null,
    problem  text   not null check (problem in ('too_long', 'too_short', 'unexpected', 'no_manifest')),
    why      text   not null,
    primary key (check_id, n)
);
grant select, insert, delete on run_problem to "${app}";

-- What the reason cannot say, such as that a job did not start.
alter table flip add problem text;
alter table flip add why text;
