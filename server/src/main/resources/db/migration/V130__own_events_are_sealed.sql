-- What Muster itself did waits here, in clear, until it is sealed into the log of the tenant concerned, a moment later; then it is gone.
drop index own_event_tenant;
drop index own_event_resource;
create policy sealed_goes on own_event for delete to current_user using (true);

-- Removes those of ids that are on record: as the events of the same place in the other array. The server itself can remove none.
create function own_event_sealed(ids bigint[], events uuid[], since timestamptz) returns bigint
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    removed bigint;
begin
    delete from own_event own
     using unnest(ids, events) as sealed (id, event)
     where own.id = sealed.id
       and exists (select from audit_event e join audit_log l on l.log_id = e.log_id
                    where e.event_id = sealed.event and e.recorded_at >= since
                      and e.action = own.action and l.tenant = own.tenant);
    get diagnostics removed = row_count;
    return removed;
end $$;
revoke all on function own_event_sealed(bigint[], uuid[], timestamptz) from public;
grant execute on function own_event_sealed(bigint[], uuid[], timestamptz) to "${app}";
