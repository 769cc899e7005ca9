-- Calls that wait for an approval, and what became of them; what has to be approved; approvals that hold for a time.
drop table parked;

create table approvals (
    workspace_id uuid not null references workspaces (workspace_id) on delete cascade,
    id uuid not null,
    status text not null,
    requester uuid not null,
    channel text not null,
    session_id uuid,
    turn_id uuid,
    action text not null,
    effect text not null,
    summary text not null,
    input text not null,
    secrets bytea,
    digest bytea not null,
    preview text,
    key text,
    needs bigint not null,
    decisions text not null,
    edited boolean not null,
    at bigint not null,
    expires_at bigint not null,
    finished_at bigint,
    result text,
    error text,
    told boolean not null,
    revision bigint not null,
    primary key (workspace_id, id)
);
create index approvals_status on approvals (workspace_id, status, id);
create index approvals_ended on approvals (workspace_id, finished_at) where finished_at is not null;
create index approvals_pending on approvals (expires_at) where status = 'pending';
create index approvals_undone on approvals (id)
    where (status = 'approved' or (status = 'executed' and not told));

create table approval_policies (
    workspace_id uuid not null primary key references workspaces (workspace_id) on delete cascade,
    revision bigint not null,
    policy text not null
);

create table approval_grants (
    workspace_id uuid not null references workspaces (workspace_id) on delete cascade,
    id uuid not null,
    requester uuid not null,
    action text not null,
    summary text not null,
    digest bytea not null,
    granted_by uuid not null,
    at bigint not null,
    expires_at bigint not null,
    primary key (workspace_id, id)
);
create index approval_grants_exact on approval_grants (workspace_id, requester, digest);

select pmos_fence('approvals'), pmos_fence('approval_policies'), pmos_fence('approval_grants');
select pmos_look_up('approvals', 'workspace_id, id, status, expires_at, told');
