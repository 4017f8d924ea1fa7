-- However much a check was heard, deleting it costs a few rows: these go in batches afterwards, as its pings do.
alter table judged_run drop constraint run_problem_check_id_fkey;
alter table flip drop constraint flip_check_id_fkey;
