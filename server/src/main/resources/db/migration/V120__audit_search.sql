-- What searches of the audit trail need beside the indexes of the months. See docs/search-the-audit-trail.md.

-- Refusals and failures are few and are what is looked for: counted and found without reading the others.
create index audit_event_not_well on audit_event (log_id, outcome, idx) where outcome <> 0;

-- Under row security the operator @@ is not trusted with rows that the caller may not see, so an index on words is not used.
-- The owner may read all events: it first asks whether the caller may see that log, and answers with places alone.
create function audit_with_words(of_log integer, asked tsquery, since timestamptz, until timestamptz,
                                 first_idx bigint, below bigint, most integer) returns setof bigint
    language plpgsql stable security definer
    set search_path = public, pg_temp
    set plan_cache_mode = force_custom_plan
    set enable_seqscan = off
    set enable_indexscan = off as $$
begin
    if not exists (select from audit_log where log_id = of_log) then
        return;
    end if;
    return query
        select e.idx
          from audit_event e
         where e.words @@ asked
           and e.log_id = of_log
           and e.recorded_at >= since and e.recorded_at <= until
           and e.idx >= first_idx and e.idx < below
         limit most;
end $$;
revoke all on function audit_with_words(integer, tsquery, timestamptz, timestamptz, bigint, bigint, integer) from public;
grant execute on function audit_with_words(integer, tsquery, timestamptz, timestamptz, bigint, bigint, integer) to "${app}";

-- The different actions of a log that begin so, each found by one look into the index, however many events have it.
create function audit_actions(of_log integer, beginning text, since timestamptz, until timestamptz, most integer) returns setof text
    language plpgsql stable security definer
    set search_path = public, pg_temp
    set plan_cache_mode = force_custom_plan
    set enable_seqscan = off as $$
declare
    found_one text;
    given     integer := 0;
begin
    if not exists (select from audit_log where log_id = of_log) then
        return;
    end if;
    select e.action into found_one
      from audit_event e
     where e.log_id = of_log and e.action >= beginning collate "C" and e.recorded_at >= since and e.recorded_at <= until
     order by e.action limit 1;
    while found_one is not null and starts_with(found_one, beginning) and given < most loop
        return next found_one;
        given := given + 1;
        select e.action into found_one
          from audit_event e
         where e.log_id = of_log and e.action > found_one collate "C" and e.recorded_at >= since and e.recorded_at <= until
         order by e.action limit 1;
    end loop;
end $$;
revoke all on function audit_actions(integer, text, timestamptz, timestamptz, integer) from public;
grant execute on function audit_actions(integer, text, timestamptz, timestamptz, integer) to "${app}";

-- Whom it was about, where that is a person: sealed with the event.
alter table own_event add column subject text;
