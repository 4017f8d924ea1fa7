-- What a job brings home, and up to when all of it has come (proven). A ping moves one row, however many tenants it
-- speaks for. It starts with declared_at; of what was before, nothing is known.
create table replication (
    check_id          bigint           primary key references checks on delete cascade,
    from_store        text collate "C" not null references store,
    to_store          text collate "C" not null references store,
    tenants           jsonb            not null,                 -- "all" | "policy:<id>" | [ids]
    max_dwell_seconds bigint           check (max_dwell_seconds >= 0),
    manifest_required boolean          not null default false,
    declared_at       timestamptz      not null,
    proven            jsonb            not null,                 -- [{"at", "evidence", "ping"}], see Proven
    unknown_tenants   text[]           not null default '{}',    -- named by manifests, unknown to the catalogue; at most 100
    walk_after        text collate "C",                          -- where the walk over its tenants goes on; null: at the first
    walk_exposures    boolean          not null default false,   -- the walk is at the open exposures already
    troubled          boolean          not null default false,   -- the last walk left an exposure open, or found one due
    looks_at          timestamptz                                -- for when its deadline is armed; null: it is not
) with (fillfactor = 80);
create index replication_from on replication (from_store);
create index replication_to on replication (to_store);

-- What a ping said about tenants. Its tenants are taken in later, in batches; body is kept until then.
create table manifest (
    check_id      bigint      not null references checks on delete cascade,
    ping          bigint      not null,
    at            timestamptz not null,
    verdict       text        not null check (verdict in ('valid', 'invalid', 'missing', 'wrong_region')),
    reason        text,
    sha256        bytea,
    tenants       int         not null default 0,
    rows          bigint,
    body          bytea,
    shared        jsonb       not null, -- what the job had proven before this ping
    taken_in      int         not null default 0,  -- how many of its tenants were taken in
    primary key (check_id, ping)
);
create index manifest_waiting on manifest (check_id, ping) where body is not null;

-- A tenant's own watermark, where a manifest named one. listed_in: the last ping that named the tenant; the job's own
-- watermark counts for this tenant only if a later ping moved it.
create table tenant_proof (
    tenant    text collate "C" not null,
    check_id  bigint           not null references checks on delete cascade,
    at        timestamptz      not null,
    evidence  text             not null check (evidence in ('INFERRED', 'REPORTED')),
    ping      bigint           not null,
    listed_in bigint           not null,
    primary key (tenant, check_id)
);
create index tenant_proof_check on tenant_proof (check_id, tenant);

-- Where Muster looks for itself. begun_at: of the last look that proved something.
create table probe (
    id              text collate "C" primary key,
    store           text collate "C" not null references store,
    sql             text             not null,
    every_seconds   bigint           not null,
    timeout_seconds bigint           not null,
    declared_in     text collate "C",
    version         bigint           not null default 1,
    created_at      timestamptz      not null,
    updated_at      timestamptz      not null,
    begun_at        timestamptz,
    tried_at        timestamptz,
    took_seconds    double precision,
    failure         text,                                        -- of the last look; null: it went well
    asked_at        timestamptz                                  -- last asked for by a ping
);
create index probe_store on probe (store);

-- Tenants of whom the last good look of a probe saw rows; who is not here had none.
create table probe_count (
    tenant text collate "C" not null,
    probe  text collate "C" not null references probe on delete cascade,
    store  text collate "C" not null,
    rows   bigint           not null,
    oldest timestamptz      not null,
    primary key (tenant, probe)
);
create index probe_count_store on probe_count (store, tenant);
create index probe_count_probe on probe_count (probe, tenant);

-- Intervals in which a tenant's data stayed where it may not. No foreign keys: history outlives what it speaks of.
create table exposure (
    id                bigint generated always as identity unique,
    tenant            text collate "C" not null,
    policy            text collate "C" not null,
    check_id          bigint,
    store             text collate "C" not null,
    region            text collate "C" not null,
    state             text             not null check (state in ('AT_RISK', 'VIOLATION', 'CLOSED')),
    reason            text             not null,
    evidence          text             not null check (evidence in ('INFERRED', 'REPORTED', 'MEASURED')),
    rows              bigint,
    oldest_at         timestamptz,
    opened_at         timestamptz      not null,
    recorded_at       timestamptz      not null,
    violation_at      timestamptz,
    aware_at          timestamptz,
    decide_by         timestamptz,
    closed_at         timestamptz,
    closed_by_kind    text,
    closed_by_id      text,
    max_dwell_seconds bigint           not null,
    decided_at        timestamptz,
    primary key (tenant, id),
    constraint closed_wholly check ((state = 'CLOSED') = (closed_at is not null))
);
create unique index exposure_open on exposure (store, tenant) where state <> 'CLOSED';
create index exposure_check on exposure (check_id, id desc);
create index exposure_tenant on exposure (tenant, id desc);
create index exposure_undecided on exposure (decide_by) where decided_at is null and decide_by is not null;
create index exposure_open_id on exposure (id) where state <> 'CLOSED';

create table exposure_history (
    exposure    bigint           not null,
    tenant      text collate "C" not null,
    entry       bigint           generated always as identity,
    at          timestamptz      not null,
    recorded_at timestamptz      not null,
    state       text             not null,
    evidence    text             not null,
    reason      text             not null,
    rows        bigint,
    why         text             not null,
    primary key (tenant, exposure, entry)
);
create index exposure_history_exposure on exposure_history (exposure, entry);

create table exposure_decision (
    exposure   bigint           not null,
    tenant     text collate "C" not null,
    entry      bigint           generated always as identity,
    at         timestamptz      not null,
    by_name    text             not null,
    notify     boolean          not null,
    authority  text,
    document   text             not null,
    reason     text             not null,
    primary key (tenant, exposure, entry)
);

alter table exposure enable row level security, force row level security;
create policy of_tenant on exposure using (coalesce(current_setting('muster.tenant', true), '') in ('', tenant));
alter table exposure_history enable row level security, force row level security;
create policy of_tenant on exposure_history using (coalesce(current_setting('muster.tenant', true), '') in ('', tenant));
alter table exposure_decision enable row level security, force row level security;
create policy of_tenant on exposure_decision using (coalesce(current_setting('muster.tenant', true), '') in ('', tenant));
alter table tenant_proof enable row level security, force row level security;
create policy of_tenant on tenant_proof using (coalesce(current_setting('muster.tenant', true), '') in ('', tenant));
alter table probe_count enable row level security, force row level security;
create policy of_tenant on probe_count using (coalesce(current_setting('muster.tenant', true), '') in ('', tenant));

grant select, insert, update, delete on replication, manifest, tenant_proof, probe, probe_count to "${app}";
grant select, insert, update on exposure to "${app}";
grant select, insert on exposure_history, exposure_decision to "${app}";

-- How often a job's declaration changed; a job without a row has version 1.
create table job_version (
    check_id   bigint      primary key references checks on delete cascade,
    version    bigint      not null,
    updated_at timestamptz not null
);
grant select, insert, update, delete on job_version to "${app}";
