-- Calls that wait for an approval, and what became of them; what has to be approved; approvals that hold for a time.
drop table parked;

create table approvals (
    workspace_id blob not null references workspaces (workspace_id) on delete cascade,
    id blob not null,
    status text not null,
    requester blob not null,
    channel text not null,
    session_id blob,
    turn_id blob,
    action text not null,
    effect text not null,
    summary text not null,
    input text not null,
    secrets blob,
    digest blob not null,
    preview text,
    key text,
    needs integer not null,
    decisions text not null,
    edited integer not null,
    at integer not null,
    expires_at integer not null,
    finished_at integer,
    result text,
    error text,
    told integer not null,
    revision integer not null,
    primary key (workspace_id, id)
) strict;
create index approvals_status on approvals (workspace_id, status, id);
create index approvals_ended on approvals (workspace_id, finished_at) where finished_at is not null;
create index approvals_pending on approvals (expires_at) where status = 'pending';
create index approvals_undone on approvals (id)
    where (status = 'approved' or (status = 'executed' and not told));

create table approval_policies (
    workspace_id blob not null primary key references workspaces (workspace_id) on delete cascade,
    revision integer not null,
    policy text not null
) strict;

create table approval_grants (
    workspace_id blob not null references workspaces (workspace_id) on delete cascade,
    id blob not null,
    requester blob not null,
    action text not null,
    summary text not null,
    digest blob not null,
    granted_by blob not null,
    at integer not null,
    expires_at integer not null,
    primary key (workspace_id, id)
) strict;
create index approval_grants_exact on approval_grants (workspace_id, requester, digest);
