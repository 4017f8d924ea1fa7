-- As before, but over whole months: an event too early or too late was passed over one by one, until one in time came.
create or replace function audit_actions(of_log integer, beginning text, since timestamptz, until timestamptz, most integer) returns setof text
    language plpgsql stable security definer
    set search_path = public, pg_temp
    set plan_cache_mode = force_custom_plan
    set enable_seqscan = off as $$
declare
    first_month timestamptz := date_trunc('month', since, 'UTC');
    last_month  timestamptz := date_trunc('month', until, 'UTC') + interval '1 month';
    found_one   text;
    given       integer := 0;
begin
    if not exists (select from audit_log where log_id = of_log) then
        return;
    end if;
    select e.action into found_one
      from audit_event e
     where e.log_id = of_log and e.action >= beginning collate "C" and e.recorded_at >= first_month and e.recorded_at < last_month
     order by e.action limit 1;
    while found_one is not null and starts_with(found_one, beginning) and given < most loop
        return next found_one;
        given := given + 1;
        select e.action into found_one
          from audit_event e
         where e.log_id = of_log and e.action > found_one collate "C" and e.recorded_at >= first_month and e.recorded_at < last_month
         order by e.action limit 1;
    end loop;
end $$;
