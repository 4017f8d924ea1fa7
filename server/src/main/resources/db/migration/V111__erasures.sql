-- How many events of a log are of a person: as user (by the index), or as subject alone (by the lexeme that Sealing writes).
-- Of the owner, since row security keeps a search by words from its index; it looks first whether the caller may see the log.
create function audit_events_of(of_log integer, person uuid) returns bigint
    language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
    if not exists (select from audit_log where log_id = of_log) then
        return 0;
    end if;
    return (select count(*) from audit_event where log_id = of_log and actor_ref = person)
         + (select count(*) from audit_event
             where words @@ cast('''s' || person || '''' as tsquery) and log_id = of_log);
end $$;
revoke all on function audit_events_of(integer, uuid) from public;
grant execute on function audit_events_of(integer, uuid) to "${app}";
