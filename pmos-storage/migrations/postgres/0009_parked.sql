-- Calls that wait for an approval, and that a repeated request is told so.
create table parked (
    workspace_id uuid not null references workspaces (workspace_id) on delete cascade,
    id uuid not null,
    requester uuid not null,
    channel text not null,
    action text not null,
    input text not null,
    secrets bytea,
    key text,
    at bigint not null,
    primary key (workspace_id, id)
);
select pmos_fence('parked');

alter table answers add column approval_id uuid;
create index answers_waiting on answers (workspace_id, approval_id) where approval_id is not null;
