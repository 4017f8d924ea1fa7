-- As before, but it looks at the log's first event first: what is asked of a young log begins before it.
create or replace function audit_first_at(of_log integer, of_instant timestamptz, below bigint) returns bigint
    language plpgsql stable as $$
declare
    low  bigint := 0;
    high bigint := below;
    mid  bigint := 0;
    at   timestamptz;
begin
    while low < high loop
        select recorded_at into at from audit_event where log_id = of_log and idx = mid;
        if at is null or at < of_instant then
            low := mid + 1;
        else
            high := mid;
        end if;
        mid := (low + high) / 2;
    end loop;
    return low;
end $$;
