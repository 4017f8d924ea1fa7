-- Lists of checks that a person keeps by a name: what they are narrowed to and sorted by, as in the page's address.
create table check_view (
    id         bigint generated always as identity primary key,
    account    text collate "C" not null references account (email) on delete cascade on update cascade,
    name       text             not null check (length(name) between 1 and 60),
    query      text             not null check (length(query) <= 2000),
    is_default boolean          not null default false, -- what the menu opens
    unique (account, name)
);
create unique index check_view_default on check_view (account) where is_default;
-- The operator's alone: a caller who is confined to a tenant sees none of it.
alter table check_view enable row level security, force row level security;
create policy operator_only on check_view using (coalesce(current_setting('muster.tenant', true), '') = '');
grant select, insert, update, delete on check_view to "${app}";
