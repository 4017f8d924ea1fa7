-- What most pings are: the success of a check that is up, of whom no run is timed. Each only moves the next report on, so nothing has
-- to be read before it is written; n is the number of the check's last ping then. A check of which this is not true, or of which another
-- declaration holds by now, is left out of the answer and as it was. Planned as it is written, by the index, so that rows are locked in the
-- order of ids, which is that of the arrays: no two transactions wait for each other.
create function plain_successes(ids bigint[], declarations bigint[], counts int[], ats bigint[], due_ats bigint[], down_ats bigint[])
    returns table (id bigint, n bigint)
    language plpgsql
    set enable_hashjoin = off
    set enable_mergejoin = off
    set enable_seqscan = off
    set enable_bitmapscan = off
as $$
#variable_conflict use_column
begin
    return query
    update checks
       set last_ping = timestamptz 'epoch' + heard.at * interval '1 microsecond',
           last_success = timestamptz 'epoch' + heard.at * interval '1 microsecond',
           last_start_rid = null,
           last_duration_ms = null,
           pings = checks.pings + heard.count,
           due_at = timestamptz 'epoch' + heard.due_at * interval '1 microsecond'
      from unnest(ids, declarations, counts, ats, due_ats, down_ats)
            as heard (id, declaration, count, at, due_at, down_at)
     where checks.id = heard.id
       and checks.declaration = heard.declaration
       and checks.status = 'up'
       and checks.last_start is null
       and not checks.last_report_failed
       and checks.armed_at <= timestamptz 'epoch' + heard.down_at * interval '1 microsecond'
    returning checks.id, checks.pings;
end
$$;
revoke all on function plain_successes from public;
grant execute on function plain_successes to "${app}";
