-- Words of new events wait in a list of their index, where searches find them too, and are sorted into it by the server's WordIndex,
-- instead of by whoever writes the event that makes the list too long. 64 MiB are of some 200,000 events.
do $$ declare name text; begin
    for name in select i.indexrelid::regclass::text
                  from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am a on a.oid = c.relam
                  join pg_inherits h on h.inhrelid = i.indrelid
                 where h.inhparent = 'audit_event'::regclass and a.amname = 'gin' loop
        execute format('alter index %s set (gin_pending_list_limit = 65536)', name);
    end loop;
end $$;

-- Sorts them in, for the two newest months.
create function audit_index_words() returns void
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    name regclass;
begin
    for name in select i.indexrelid::regclass
                  from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am a on a.oid = c.relam
                  join pg_inherits h on h.inhrelid = i.indrelid
                 where h.inhparent = 'audit_event'::regclass and a.amname = 'gin'
                 order by c.relname desc limit 2 loop
        perform gin_clean_pending_list(name);
    end loop;
end $$;
revoke all on function audit_index_words() from public;
grant execute on function audit_index_words() to "${app}";

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
    execute format('create index on %I using gin (words) with (gin_pending_list_limit = 65536)', leaf);
    execute format('alter table audit_event attach partition %I for values from (%L) to (%L)', leaf,
                   first::timestamp at time zone 'UTC', (first + interval '1 month')::timestamp at time zone 'UTC');
    execute format('grant insert on %I to "${app}"', leaf);
    return leaf;
end $$;
