-- While a job that is named here is down, people are not told that this one is. Names, not ids: in one document a job may
-- stand before the one that it waits for. The index is touched by declarations only.
alter table checks add column depends_on text[] collate "C";
create index checks_depends_on on checks using gin (depends_on) where depends_on is not null;

-- Until then people are not told that the job is down. One a job; gone when it is over.
create table snooze (
    check_id bigint      primary key references checks on delete cascade,
    until    timestamptz not null,
    reason   text        not null,
    by_name  text        not null,
    at       timestamptz not null
);

-- Jobs that are down and of which nobody is told, and why. Few: a row is there as long as both are so.
create table held_back (
    check_id bigint      primary key references checks on delete cascade,
    because  text        not null check (because in ('snooze', 'maintenance', 'waits_for', 'follows')),
    what     text        not null,         -- who snoozed it, the window, or the job that it waits for
    until    timestamptz,
    told     boolean     not null          -- people were told that it is down before that was held back
);
create index held_back_window on held_back (what) where because = 'maintenance';

-- When alerts about some jobs are held back by plan: once (from_at to to_at), or again and again. The occurrence that is
-- on or comes next is kept beside, so that a job that goes down asks only for those that are on.
create table maintenance_window (
    id               text collate "C" primary key check (id ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    name             text             not null,
    jobs_all         boolean          not null,
    job_ids          text[]           not null,
    job_tags         text[]           not null,
    from_at          timestamptz,
    to_at            timestamptz,
    oncalendar       text,
    tz               text,
    duration_seconds bigint,
    starts_at        timestamptz,          -- null: never again
    ends_at          timestamptz,
    version          bigint           not null default 1,
    created_at       timestamptz      not null,
    updated_at       timestamptz      not null,
    check ((from_at is null) = (to_at is null)),
    check ((oncalendar is null) = (tz is null) and (oncalendar is null) = (duration_seconds is null)),
    check ((from_at is null) <> (oncalendar is null)),
    check ((starts_at is null) = (ends_at is null))
);
create index maintenance_window_ends on maintenance_window (ends_at);

grant select, insert, update, delete on snooze, held_back, maintenance_window to "${app}";
