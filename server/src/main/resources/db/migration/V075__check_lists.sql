-- When the report after the last one is due by the schedule, without grace; null if none is awaited. Written with each ping and
-- each declaration, so that SQL can tell who is late whatever the schedule is. No index holds it: see V040.
alter table checks add column due_at timestamptz;
update checks
   set due_at = case when kind = 'every' then last_ping + every_seconds * interval '1 second'
                     when last_ping < armed_at - grace_seconds * interval '1 second' then armed_at - grace_seconds * interval '1 second' end
 where status in ('up', 'down');

-- Lists of what is not simply up. A ping leaves the status as it is, so its update stays a heap-only one; a flip does not.
create index checks_not_up on checks (project, status, job_id) where status <> 'up';
-- By what people call a check: see CheckRows.TITLE.
create index checks_title on checks (project, lower(coalesce(nullif(btrim(name), ''), job_id)), job_id);
create index checks_tags on checks using gin (regexp_split_to_array(btrim(tags), '\s+'));
