-- With which root key this database was made: SHA-256 of a fixed text and the key, which cannot be guessed from it.
create table secret_check (
    only_row    boolean     primary key default true check (only_row),
    fingerprint text        not null,
    since       timestamptz not null default now()
);
grant select, insert on secret_check to "${app}";
