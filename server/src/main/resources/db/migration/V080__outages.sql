-- When some server last said that pings can be stored. No row: none has said so yet.
create table hearing (
    only_row boolean     primary key default true check (only_row),
    until    timestamptz not null
);

-- Times in which pings could not be heard, through no fault of a job's. Those that overlap are one.
create table outage (
    id       bigint      generated always as identity primary key,
    kind     text        not null check (kind in ('not-running', 'standstill', 'database-away', 'disk-full')),
    began_at timestamptz not null,
    ended_at timestamptz not null,
    check (began_at < ended_at)
);
create index outage_ended on outage (ended_at);
grant select, insert, update on hearing, outage to "${app}";

-- What an outage took from a job's grace, it has again: until then its silence means nothing. A new declaration when it changes.
alter table checks add column excused_until timestamptz;
