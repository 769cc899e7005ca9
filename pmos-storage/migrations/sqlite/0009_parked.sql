-- Calls that wait for an approval, and that a repeated request is told so.
create table parked (
    workspace_id blob not null references workspaces (workspace_id) on delete cascade,
    id blob not null,
    requester blob not null,
    channel text not null,
    action text not null,
    input text not null,
    secrets blob,
    key text,
    at integer not null,
    primary key (workspace_id, id)
) strict;

alter table answers add column approval_id blob;
create index answers_waiting on answers (workspace_id, approval_id) where approval_id is not null;
