-- Checkpoints are held outside of the database too, so that one that was put back is noticed: see docs/life-of-an-event.md.
alter table installation add column id uuid not null default gen_random_uuid(); -- whose they are
create index audit_log_frozen on audit_log (frozen_at) where frozen_at is not null;
grant select, update on sequence audit_log_log_id_seq to "${app}"; -- so that the number of a log that was lost whole is not given again
