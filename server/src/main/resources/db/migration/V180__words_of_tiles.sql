-- Which words the events of each full tile of a log may have: a Bloom filter (see WordFilter) of some 1,000 bytes, written with the tile.
-- It takes the place of an index of the words of single events, which was half of what an event cost.
create table audit_words (
    log_id integer not null references audit_log,
    n      bigint  not null, -- as in audit_tile of level 0
    bits   bytea   not null,
    primary key (log_id, n)
);
alter table audit_words alter bits set storage plain;
alter table audit_words enable row level security, force row level security;
create policy own_log on audit_words using (coalesce(current_setting('muster.tenant', true), '') = ''
    or exists (select from audit_log where audit_log.log_id = audit_words.log_id));
grant select, insert on audit_words to "${app}";

drop function audit_with_words(integer, tsquery, timestamptz, timestamptz, bigint, bigint, integer);
drop function audit_index_words();
do $$ declare name text; begin
    for name in select i.indexrelid::regclass::text
                  from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am a on a.oid = c.relam
                  join pg_inherits h on h.inhrelid = i.indrelid
                 where h.inhparent = 'audit_event'::regclass and a.amname = 'gin' loop
        execute format('drop index %s', name);
    end loop;
end $$;

create or replace function audit_month(of_instant timestamptz) returns text
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    first date := date_trunc('month', of_instant at time zone 'UTC');
    leaf  text := 'audit_event_' || to_char(first, 'YYYYMM');
begin
    if of_instant > now() + interval '40 days' or of_instant < '2020-01-01' then
        raise exception 'no month of events is made for %', of_instant;
    end if;
    if to_regclass(leaf) is not null then
        return leaf;
    end if;
    perform pg_advisory_xact_lock(hashtext('audit_month'));
    if to_regclass(leaf) is not null then
        return leaf;
    end if;
    execute format('create table %I (like audit_event including defaults including constraints)', leaf);
    execute format('alter table %I alter envelope set storage external, alter envelope set compression default', leaf);
    execute format('create unique index on %I (log_id, idx)', leaf);
    execute format('create index on %I (log_id, actor_ref, idx) where actor_ref is not null', leaf);
    execute format('create index on %I (log_id, action, idx)', leaf);
    execute format('create index on %I (event_id)', leaf);
    execute format('alter table audit_event attach partition %I for values from (%L) to (%L)', leaf,
                   first::timestamp at time zone 'UTC', (first + interval '1 month')::timestamp at time zone 'UTC');
    execute format('grant insert on %I to "${app}"', leaf);
    return leaf;
end $$;

-- Tiles that there are already get theirs behind the writers; until then searches read the events.
insert into deadline (kind, key, due_at)
select 'audit.seal', cast(log_id as text), now()
  from audit_head
 where size >= 256
    on conflict do nothing;
