-- As the plain_successes of V088, which stays for batches of which every check is known: it costs a fourth less. Here, where nothing but
-- the uuid is known, the check itself says when it is to report; whether a success of it does no more than move that on by a fixed interval
-- is told as Check.isPlain and Schedule tell it. Rows are locked in the order of ids here too.
create function plain_successes(uuids uuid[], counts int[], ats bigint[], ids bigint[], declarations bigint[], due_ats bigint[], down_ats bigint[])
    returns table (uuid uuid, id bigint, n bigint)
    language plpgsql
    set enable_hashjoin = off
    set enable_mergejoin = off
    set enable_seqscan = off
    set enable_bitmapscan = off
as $$
#variable_conflict use_column
begin
    return query
    with heard as materialized (
        select coalesce(told.id, (select checks.id from checks where checks.uuid = told.uuid)) as id, told.count, told.declaration,
               timestamptz 'epoch' + told.at * interval '1 microsecond' as at,
               timestamptz 'epoch' + told.due_at * interval '1 microsecond' as due_at,
               timestamptz 'epoch' + told.down_at * interval '1 microsecond' as down_at
          from unnest(uuids, counts, ats, ids, declarations, due_ats, down_ats)
                as told (uuid, count, at, id, declaration, due_at, down_at)
         order by 1)
    update checks
       set last_ping = heard.at,
           last_success = heard.at,
           last_start_rid = null,
           last_duration_ms = null,
           pings = checks.pings + heard.count,
           due_at = coalesce(heard.due_at, heard.at + checks.every_seconds * interval '1 second')
      from heard
     where checks.id = heard.id
       and (checks.declaration = heard.declaration
            or heard.declaration is null
               and kind = 'every' and not post_only and not filter_http_body and body_limit is null
               and start_by_seconds is null and max_runtime_seconds is null and min_runtime_seconds is null
               and rows_min is null and rows_max is null and bytes_min is null and bytes_max is null)
       and checks.status = 'up'
       and checks.last_start is null
       and not checks.last_report_failed
       and checks.armed_at <= coalesce(heard.down_at, heard.at + (checks.every_seconds + checks.grace_seconds) * interval '1 second')
    returning checks.uuid, checks.id, checks.pings;
end
$$;
revoke all on function plain_successes (uuid[], int[], bigint[], bigint[], bigint[], bigint[], bigint[]) from public;
grant execute on function plain_successes (uuid[], int[], bigint[], bigint[], bigint[], bigint[], bigint[]) to "${app}";
