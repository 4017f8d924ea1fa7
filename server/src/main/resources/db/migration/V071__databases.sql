-- Databases beside PostgreSQL into which Muster looks.
alter table store drop constraint store_kind_check;
alter table store add constraint store_kind_check
    check (kind in ('postgresql', 'mysql', 'sqlserver', 's3', 'azure-blob', 'gcs', 'other'));
