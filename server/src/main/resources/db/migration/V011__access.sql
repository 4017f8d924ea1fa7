-- A project holds checks, a ping key and a badge key. Whoever knows the ping key can ping by slug.
create table project (
    id         text collate "C" primary key check (id ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    uuid       uuid             not null unique default gen_random_uuid(),
    name       text             not null,
    tenant     text collate "C",
    ping_key   text collate "C" not null unique check (ping_key ~ '^[a-z0-9]{22}$'),
    badge_key  text collate "C" not null unique,
    created_at timestamptz      not null default now()
);
-- gen_random_uuid() is as random as gen_random_bytes(), which would need an extension: 88 and 122 bits here
insert into project (id, name, ping_key, badge_key)
values ('default', 'Default',
        substr(md5(gen_random_uuid()::text || gen_random_uuid()::text), 1, 22),
        gen_random_uuid()::text);
alter table project enable row level security, force row level security;
create policy own_tenant on project using (coalesce(current_setting('muster.tenant', true), '') in ('', tenant));
grant select on project to "${app}";

-- An API key is 'msw_' or 'msr_' and 28 random characters. Kept are the first 8 of them, to find it, and an HMAC-SHA-256
-- under a key that derives from the root key, to know it again.
create table api_key (
    id           text collate "C" primary key,
    name         text             not null,
    may          text             not null check (may in ('admin', 'write', 'read')),
    project      text collate "C" not null references project,
    tenant       text collate "C",
    prefix       text collate "C" not null,
    hmac         bytea            not null check (length(hmac) = 32),
    created_at   timestamptz      not null,
    created_by   text             not null,
    expires_at   timestamptz,
    last_used_at timestamptz
);
create index api_key_prefix on api_key (prefix);
alter table api_key enable row level security, force row level security;
create policy own_tenant on api_key using (coalesce(current_setting('muster.tenant', true), '') in ('', tenant));
grant select, insert, update, delete on api_key to "${app}";

-- People who sign in.
create table account (
    id         uuid             primary key default gen_random_uuid(),
    email      text collate "C" not null unique check (email = lower(email)),
    password   text             not null,
    created_at timestamptz      not null,
    updated_at timestamptz      not null
);
grant select, insert, update on account to "${app}";

-- Signed-in browsers, by the SHA-256 of what their cookie holds.
create table session (
    id         bytea       primary key,
    account    uuid        not null references account on delete cascade,
    created_at timestamptz not null,
    seen_at    timestamptz not null,
    expires_at timestamptz not null,
    ip         text,
    user_agent text
);
create index session_expires on session (expires_at);
create index session_account on session (account);
grant select, insert, update, delete on session to "${app}";

-- Links that let somebody in once, by the SHA-256 of their token.
create table sign_in_link (
    id         bytea       primary key,
    made_at    timestamptz not null,
    made_by    text        not null,
    expires_at timestamptz not null,
    used_at    timestamptz
);
grant select, insert, update, delete on sign_in_link to "${app}";
