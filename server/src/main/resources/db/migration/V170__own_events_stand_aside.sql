-- An event of Muster's own that cannot be sealed stands aside for an hour, so that those behind it go on. It stays here, and so in clear,
-- until it can be sealed.
alter table own_event
    add column aside_until timestamptz,
    add column aside_why   text;
create index own_event_aside on own_event (aside_until) where aside_until is not null;
create policy one_stands_aside on own_event for update to current_user using (true);

create function own_event_aside(which bigint, until timestamptz, why text) returns void
    language sql security definer set search_path = public, pg_temp as $$
    update own_event set aside_until = until, aside_why = left(why, 500) where id = which
$$;
revoke all on function own_event_aside(bigint, timestamptz, text) from public;
grant execute on function own_event_aside(bigint, timestamptz, text) to "${app}";
