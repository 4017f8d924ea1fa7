-- A probe looks into a database by a query, or into a bucket by a prefix.
alter table probe alter column sql drop not null;
alter table probe add column prefix text;
alter table probe add column older_than_seconds bigint; -- only older objects count; null: all
alter table probe add column remark text;               -- what people should know of the last good look
alter table probe add constraint probe_looks check ((sql is null) <> (prefix is null));

-- Null: some are there, and any of them may be another tenant's.
alter table probe_count alter column rows drop not null;
