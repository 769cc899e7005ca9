-- Runs and their journals.
create table runs (
    workspace_id blob not null,
    id blob not null,
    flow_id blob not null,
    engine text not null,
    version integer,
    draft_revision integer,
    draft text,
    input text,
    status text not null,
    trigger_kind text not null,
    started_by text,
    started_at integer not null,
    finished_at integer,
    duration_us integer,
    error text,
    result text,
    -- How many records its journal has.
    recorded integer not null,
    primary key (workspace_id, id),
    foreign key (workspace_id, flow_id) references flows (workspace_id, id) on delete cascade
) strict, without rowid;
create index runs_flow on runs (workspace_id, flow_id, id);
create index runs_time on runs (workspace_id, started_at);
create index runs_open on runs (id, workspace_id) where status in ('queued', 'running', 'waiting');

create table run_steps (
    workspace_id blob not null,
    run_id blob not null,
    n integer not null,
    within text not null,
    step text not null,
    name text not null,
    status text not null,
    attempt integer not null,
    started_at integer not null,
    duration_us integer not null,
    input text,
    output text,
    error text,
    primary key (workspace_id, run_id, n),
    foreign key (workspace_id, run_id) references runs (workspace_id, id) on delete cascade
) strict, without rowid;
