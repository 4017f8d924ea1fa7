-- What a job's declaration demands of its runs beyond schedule and grace. Null: nothing, as for each check of the compatible
-- API; a null adds no byte to the row that each ping rewrites.
alter table checks
    add start_by_seconds      bigint  check (start_by_seconds between 1 and 31536000),
    add max_runtime_seconds   bigint  check (max_runtime_seconds between 1 and 31536000),
    add min_runtime_seconds   bigint  check (min_runtime_seconds between 1 and 31536000),
    add rows_min              bigint  check (rows_min >= 0),
    add rows_max              bigint  check (rows_max >= 0),
    add bytes_min             bigint  check (bytes_min >= 0),
    add bytes_max             bigint  check (bytes_max >= 0),
    add failures_before_alert integer check (failures_before_alert between 2 and 100); -- null: the first is told
