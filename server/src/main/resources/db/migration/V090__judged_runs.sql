-- What Muster found of a run: why it took it for a failure, and how much its manifest told of where the job expects rows or bytes.
alter table run_problem rename to judged_run;
alter table judged_run alter column problem drop not null;
alter table judged_run alter column why drop not null;
alter table judged_run add column rows bigint;
alter table judged_run add column bytes bigint;

-- The same of jobs that replicate.
alter table manifest add column bytes bigint;
