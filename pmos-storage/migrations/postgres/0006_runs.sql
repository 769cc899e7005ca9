-- Runs and their journals.
create table runs (
    workspace_id uuid not null,
    id uuid not null,
    flow_id uuid not null,
    engine text not null,
    version bigint,
    draft_revision bigint,
    draft text,
    input text,
    status text not null,
    trigger_kind text not null,
    started_by text,
    started_at bigint not null,
    finished_at bigint,
    duration_us bigint,
    error text,
    result text,
    -- How many records its journal has.
    recorded bigint not null,
    primary key (workspace_id, id),
    foreign key (workspace_id, flow_id) references flows (workspace_id, id) on delete cascade
);
create index runs_flow on runs (workspace_id, flow_id, id);
create index runs_time on runs (workspace_id, started_at);
create index runs_open on runs (id, workspace_id) where status in ('queued', 'running', 'waiting');

create table run_steps (
    workspace_id uuid not null,
    run_id uuid not null,
    n bigint not null,
    within text not null,
    step text not null,
    name text not null,
    status text not null,
    attempt bigint not null,
    started_at bigint not null,
    duration_us bigint not null,
    input text,
    output text,
    error text,
    primary key (workspace_id, run_id, n),
    foreign key (workspace_id, run_id) references runs (workspace_id, id) on delete cascade
);

select pmos_fence('runs'), pmos_fence('run_steps');
select pmos_look_up('runs', 'workspace_id, id, status');
