-- A check is Muster's watch over one job. Each ping rewrites what was heard (from status on): no index holds any of those
-- columns, and the fillfactor leaves room on the page, so that the new row version costs no index entry (a HOT update).
create domain check_slug as text collate "C" check (value ~ '^[a-z0-9_-]*$' and length(value) <= 100); -- a domain is not tested at each ping
create sequence checks_declaration;
grant usage on sequence checks_declaration to "${app}";
create table checks (
    id                  bigint generated always as identity primary key,
    project             text collate "C" not null,
    uuid                uuid             not null unique,
    unique_key          text collate "C" not null unique,
    job_id              text collate "C" not null, -- its name in /api/v1/jobs: the slug, or the unique_key where that is no name
    native              boolean          not null default false, -- declared as a job: its slug is its name, and nobody else's
    slug                check_slug       not null,
    name                text             not null,
    tags                text             not null default '',
    description         text             not null default '',
    kind                text             not null default 'every' check (kind in ('every', 'cron', 'oncalendar')),
    every_seconds       bigint           not null default 86400 check (every_seconds between 60 and 31536000),
    expression          text             not null default '* * * * *',
    tz                  text             not null default 'UTC',
    grace_seconds       bigint           not null default 3600 check (grace_seconds between 60 and 31536000),
    manual_resume       boolean          not null default false,
    post_only           boolean          not null default false,
    start_kw            text             not null default '',
    success_kw          text             not null default '',
    failure_kw          text             not null default '',
    filter_subject      boolean          not null default false,
    filter_body         boolean          not null default false,
    filter_http_body    boolean          not null default false,
    filter_default_fail boolean          not null default false,
    body_limit          integer,         -- how much of a body is read, where it is not the ordinary limit
    channels            text[],          -- exactly these alert channels; null: those that select this job
    alert_store         text,            -- alerts about this job are grouped with those of this store
    alert_region        text,
    badge_key           uuid             not null default gen_random_uuid() unique,
    created_at          timestamptz      not null,
    updated_at          timestamptz      not null,
    declaration         bigint           not null default nextval('checks_declaration'), -- another whenever anything above is: see KnownChecks

    status              text             not null default 'new' check (status in ('new', 'up', 'down', 'paused')),
    status_since        timestamptz      not null,
    last_ping           timestamptz,
    last_success        timestamptz,
    last_start          timestamptz,
    last_start_rid      uuid,
    last_duration_ms    bigint,
    last_report_failed  boolean          not null default false,
    pings               bigint           not null default 0,
    armed_at            timestamptz,     -- what its deadline says: may be earlier than the true one, never later

    constraint one_name_in_a_project unique (project, job_id) deferrable initially immediate
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
create index checks_slug on checks (project, slug);
create index checks_name on checks (project, name);
-- Two jobs of one project never share a slug; checks of the compatible API may.
create unique index checks_native_slug on checks (project, slug) where native;
grant select, insert, update, delete on checks to "${app}";

-- Every report ever recorded, in the order of its check. No foreign key: the ping holds the lock of its check's row, and
-- what a deleted check leaves is removed in batches.
create table ping (
    check_id    bigint      not null,
    n           bigint      not null,
    at          timestamptz not null,
    kind        text        not null check (kind in ('success', 'start', 'fail', 'log', 'ign')),
    scheme      text        not null,
    method      text        not null,
    user_agent  text        not null,
    remote_addr text,
    rid         uuid,
    exit_status smallint    check (exit_status between 0 and 255),
    body        bytea,
    primary key (check_id, n)
);
grant select, insert, delete on ping to "${app}";

-- A change of a check's stored status. at is the ping's or the deadline's instant, recorded_at when it was committed.
create table flip (
    id          bigint generated always as identity primary key,
    check_id    bigint      not null references checks on delete cascade,
    at          timestamptz not null,
    recorded_at timestamptz not null,
    from_status text        not null check (from_status in ('new', 'up', 'down', 'paused')),
    to_status   text        not null check (to_status in ('new', 'up', 'down', 'paused')),
    reason      text        not null check (reason in ('success', 'fail', 'exit_code', 'timeout', 'paused', 'resumed'))
);
create index flip_check on flip (check_id, id desc);
grant select, insert on flip to "${app}";
