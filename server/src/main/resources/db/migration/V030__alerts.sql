-- Where alerts go. The address of slack and webhook is a secret: a reference, or sealed. `jobs` is one of three: all, ids,
-- tags. uuid is what the compatible API calls it.
create table alert_channel (
    id             text collate "C" primary key check (id ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    uuid           uuid             not null unique,
    kind           text             not null check (kind in ('email', 'slack', 'webhook')),
    email_to       text,
    url            text,
    secret         text,
    sends          text[]           not null,
    jobs_all       boolean          not null,
    job_ids        text[]           not null,
    job_tags       text[]           not null,
    disabled_at    timestamptz,     -- its address said that it is gone; a test that arrives or a new address ends it
    disabled_why   text,
    version        bigint           not null default 1,
    created_at     timestamptz      not null,
    updated_at     timestamptz      not null,
    check ((kind = 'email') = (email_to is not null)),
    check ((kind <> 'email') = (url is not null)),
    check ((kind = 'webhook') = (secret is not null))
);

-- What is told together: all alerts about one store, or about one job that has none. Whoever sorts, groups or tells holds
-- the lock of this row, so `place` orders the alerts of a topic, whichever transaction committed first.
create table alert_topic (
    topic text collate "C" primary key,
    place bigint           not null
);

-- What was raised. A row is only added in the transaction of its cause, and sorted into its topic soon after: so that
-- no ping ever waits for another's alert. Rows that are neither open nor untold are removed.
create table alert (
    id           bigint generated always as identity primary key,
    raise        uuid             not null,
    topic        text collate "C" not null,
    subject      text collate "C" not null, -- job:<check> or tenant:<id>: what is open, or over again
    type         text             not null,
    job_id       text collate "C",
    job_name     text,
    job_tags     text[]           not null,
    job_channels text[],          -- exactly these; null: those that select the job
    store        text collate "C",
    region       text collate "C",
    tenant       text collate "C",
    since        timestamptz      not null,
    cause        text             not null,
    what_to_do   text             not null,
    path         text             not null,
    raised_at    timestamptz      not null,
    place        bigint,                    -- null: not sorted yet
    open         boolean          not null default false,
    was          text,                      -- of what is over: what it was, and since when
    began        timestamptz
);
create index alert_raise on alert (raise) where place is null;
create index alert_unsorted on alert (topic, id) where place is null;
create index alert_place on alert (topic, place);
create unique index alert_open on alert (topic, subject) where open;

-- How far a channel was told of a topic.
create table alert_group (
    channel      text collate "C" not null references alert_channel on delete cascade,
    topic        text collate "C" not null references alert_topic,
    told         bigint           not null,
    begun_at     timestamptz      not null,
    last_sent_at timestamptz,
    primary key (channel, topic)
);
create index alert_group_topic on alert_group (topic);

-- One message to one channel, and what became of it. Deliveries outlive their channel.
create table delivery (
    number       bigint generated always as identity primary key,
    id           text collate "C" not null unique, -- also webhook-id and Message-ID: the same at each try
    channel      text collate "C" not null,
    kind         text             not null,
    topic        text collate "C" not null,
    type         text             not null,
    message      json             not null,        -- not jsonb: what is told first stays first
    tenants      text[]           not null,        -- all of them; the message names the first 20
    state        text             not null check (state in ('queued', 'sent', 'failed', 'given_up')),
    tries        int              not null default 0,
    last_try_at  timestamptz,
    last_answer  text,
    last_seconds double precision,
    next_try     timestamptz,
    not_before   timestamptz,                      -- Retry-After
    created_at   timestamptz      not null,
    settled_at   timestamptz
);
create index delivery_channel on delivery (channel, number desc);
create index delivery_state on delivery (state, number desc);
create index delivery_topic on delivery (topic, number desc);
create index delivery_given_up on delivery (settled_at) where state = 'given_up';

-- Whether a channel is to hear of an alert.
create function hears(channel alert_channel, alert alert) returns boolean language sql stable as $$
    select case when alert.job_channels is not null
                then channel.id = any (alert.job_channels) or cast(channel.uuid as text) = any (alert.job_channels)
                else channel.jobs_all or coalesce(alert.job_id = any (channel.job_ids), false)
                     or channel.job_tags && alert.job_tags end
$$;

-- The operator's alone: a caller who is confined to a tenant sees none of it.
alter table alert_channel enable row level security, force row level security;
create policy operator_only on alert_channel using (coalesce(current_setting('muster.tenant', true), '') = '');
alter table alert enable row level security, force row level security;
create policy operator_only on alert using (coalesce(current_setting('muster.tenant', true), '') = '');
alter table delivery enable row level security, force row level security;
create policy operator_only on delivery using (coalesce(current_setting('muster.tenant', true), '') = '');

grant select, insert, update, delete on alert_channel, alert_topic, alert, alert_group, delivery to "${app}";
