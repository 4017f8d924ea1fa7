-- What must happen again before an instant. due_at may be earlier than the true instant, never later, so that
-- an ordinary ping need not touch it. Watching all of them is one range scan of deadline_due, however many there are.
create table deadline (
    kind   text collate "C" not null,
    key    text collate "C" not null,
    due_at timestamptz      not null,
    primary key (kind, key)
);
create index deadline_due on deadline (kind, due_at);
grant select, insert, update, delete on deadline to "${app}";

-- One row: this installation.
create table installation (
    only_row boolean primary key default true check (only_row),
    since    timestamptz not null default now()
);
insert into installation default values;
grant select on installation to "${app}";
