-- The retention under which deadlines of kind "retention" were set: where the operator shortens it, all look again.
create table retention (
    only_row boolean primary key default true check (only_row),
    seconds  bigint not null
);
grant select, insert, update on retention to "${app}";
grant delete on flip to "${app}";

-- One a check, at the instant when its oldest ping has been kept long enough; so pings need no index on time.
insert into deadline (kind, key, due_at)
select 'retention', cast(id as text), now() + random() * interval '1 day'
  from checks
 where pings > 0;
