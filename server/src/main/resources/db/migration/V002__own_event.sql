-- What Muster itself did, in the transaction that did it. They are sealed into the tenants' logs in the order
-- (transaction, id); the server may add and read, never change or remove.
create table own_event (
    id          bigint generated always as identity primary key,
    transaction xid8             not null default pg_current_xact_id(),
    tenant      text collate "C" not null,
    action      text collate "C" not null,
    resource    text collate "C" not null,
    status      text             not null check (status in ('SUCCESS', 'FAILURE', 'DENIED')),
    at          timestamptz      not null,
    recorded_at timestamptz      not null default now(),
    by_kind     text             not null check (by_kind in ('PERSON', 'KEY', 'MUSTER', 'NOBODY')),
    by_name     text             not null,
    ip          text,
    user_agent  text,
    details     jsonb            not null
);
create index own_event_order on own_event (transaction, id);
create index own_event_tenant on own_event (tenant, id desc);
create index own_event_resource on own_event (resource, id desc);
-- Whoever is confined to a tenant reads of that one only; what it did or was refused may be on record with the platform.
alter table own_event enable row level security, force row level security;
create policy own_tenant on own_event for select using (coalesce(current_setting('muster.tenant', true), '') in ('', tenant));
create policy anybody_adds on own_event for insert with check (true);
grant select, insert on own_event to "${app}";
