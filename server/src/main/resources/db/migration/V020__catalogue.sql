-- What the operator declares. Ids are text in byte order, for they are cursors too. Durations are kept as they were
-- written (PT72H is not shown as P3D). Each noun has its history beside it where a past verdict depends on it.

create table region (
    code         text collate "C" primary key check (code ~ '^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$'),
    provider     text             not null,
    name         text             not null,
    city         text             not null,
    country      text             not null,
    jurisdiction text collate "C" not null,
    lat          double precision not null check (lat between -90 and 90),
    lon          double precision not null check (lon between -180 and 180),
    shipped      boolean          not null default false,
    version      bigint           not null default 1,
    created_at   timestamptz      not null default now(),
    updated_at   timestamptz      not null default now()
);
grant select, insert, update, delete on region to "${app}";

-- The jurisdictions that a region had before its present one: until when each was in force.
create table region_before (
    region       text collate "C" not null,
    seq          bigint generated always as identity,
    until        timestamptz      not null,
    jurisdiction text collate "C" not null,
    primary key (region, seq)
);
grant select, insert on region_before to "${app}";

create table policy (
    id         text collate "C" primary key check (id ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    extends    text collate "C",   -- a policy, or a preset, which is no row
    declared   jsonb            not null,
    version    bigint           not null default 1,
    created_at timestamptz      not null,
    updated_at timestamptz      not null
);
create index policy_extends on policy (extends);
grant select, insert, update, delete on policy to "${app}";

-- What a policy came to, through all that it extends, and since when. The newest row is the present; rows stay when the
-- policy is deleted.
create table policy_version (
    policy text collate "C" not null,
    seq    bigint generated always as identity,
    at     timestamptz      not null,
    rules  jsonb            not null,
    primary key (policy, seq)
);
grant select, insert on policy_version to "${app}";

create table tier (
    id                  text collate "C" primary key check (id ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    name                text        not null,
    rto                 text        not null,
    rpo                 text        not null,
    backup_every        text        not null,
    restore_test_every  text        not null,
    drill_every         text        not null,
    first_update_within text        not null,
    shipped             boolean     not null default false,
    version             bigint      not null default 1,
    created_at          timestamptz not null default now(),
    updated_at          timestamptz not null default now()
);
insert into tier (id, name, rto, rpo, backup_every, restore_test_every, drill_every, first_update_within, shipped)
values ('gold', 'Gold', 'PT1H', 'PT15M', 'PT1H', 'P30D', 'P90D', 'PT30M', true),
       ('silver', 'Silver', 'PT4H', 'PT1H', 'PT6H', 'P90D', 'P180D', 'PT1H', true),
       ('bronze', 'Bronze', 'PT12H', 'PT24H', 'P1D', 'P180D', 'P365D', 'PT4H', true);
grant select, insert, update, delete on tier to "${app}";

create table tenant (
    id         text collate "C" primary key check (id ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$' and id <> 'muster'),
    name       text             not null,
    tier       text collate "C" not null references tier,
    policy     text collate "C" not null references policy,
    home       text collate "C" not null references region,
    contacts   jsonb            not null,
    labels     jsonb            not null,
    version    bigint           not null default 1,
    created_at timestamptz      not null,
    updated_at timestamptz      not null
);
create index tenant_policy on tenant (policy, id);
create index tenant_tier on tenant (tier);
create index tenant_home on tenant (home);
alter table tenant enable row level security, force row level security;
create policy own_tenant on tenant using (coalesce(current_setting('muster.tenant', true), '') in ('', id));
grant select, insert, update, delete on tenant to "${app}";

-- Which policy and home a tenant had before, and until when. A tenant deleted and declared anew begins anew.
create table tenant_before (
    tenant text collate "C" not null,
    seq    bigint generated always as identity,
    until  timestamptz      not null,
    policy text collate "C" not null,
    home   text collate "C" not null,
    primary key (tenant, seq)
);
alter table tenant_before enable row level security, force row level security;
create policy own_tenant on tenant_before using (coalesce(current_setting('muster.tenant', true), '') in ('', tenant));
grant select, insert, delete on tenant_before to "${app}";

create table store (
    id              text collate "C" primary key check (id ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    region          text collate "C" not null references region,
    role            text             not null check (role in ('intake', 'primary', 'replica', 'backup', 'archive')),
    kind            text             not null check (kind in ('postgresql', 's3', 'azure-blob', 'gcs', 'other')),
    zone            text,
    tenants         jsonb            not null, -- "all", "policy:<id>" or a list of ids
    url             text,
    secret_user     text,                      -- references, never secrets
    secret_password text,
    version         bigint           not null default 1,
    created_at      timestamptz      not null,
    updated_at      timestamptz      not null
);
create index store_region on store (region, id);
create index store_tenants on store using gin (tenants jsonb_path_ops);
grant select, insert, update, delete on store to "${app}";

create table transfer (
    tenant     text collate "C" not null references tenant,
    id         text collate "C" not null unique check (id ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    from_place text collate "C" not null,
    to_place   text collate "C" not null,
    mechanism  text             not null,
    document   text             not null,
    approver   text             not null,
    expires_at timestamptz      not null,
    version    bigint           not null default 1,
    created_at timestamptz      not null,
    updated_at timestamptz      not null,
    primary key (tenant, id)
);
alter table transfer enable row level security, force row level security;
create policy own_tenant on transfer using (coalesce(current_setting('muster.tenant', true), '') in ('', tenant));
grant select, insert, update, delete on transfer to "${app}";

-- When a transfer was in force: from its declaration until it expired, was changed or deleted. Rows stay.
create table transfer_validity (
    tenant      text collate "C" not null,
    seq         bigint generated always as identity,
    transfer    text collate "C" not null,
    from_place  text collate "C" not null,
    to_place    text collate "C" not null,
    mechanism   text             not null,
    valid_from  timestamptz      not null,
    valid_until timestamptz      not null,
    primary key (tenant, seq)
);
create index transfer_validity_transfer on transfer_validity (transfer);
alter table transfer_validity enable row level security, force row level security;
create policy own_tenant on transfer_validity using (coalesce(current_setting('muster.tenant', true), '') in ('', tenant));
grant select, insert, update on transfer_validity to "${app}";

-- Which set of `apply` declared what. A thing may belong to several; pruning deletes what no other set holds.
create table declared_set (
    set_id text collate "C" not null,
    kind   text collate "C" not null,
    id     text collate "C" not null,
    primary key (set_id, kind, id)
);
create index declared_set_thing on declared_set (kind, id);
grant select, insert, delete on declared_set to "${app}";
