-- Workspaces, who belongs to them and what they may use.
create table workspaces (
    workspace_id uuid not null primary key,
    name text not null,
    time_zone text not null,
    default_engine text not null,
    retention_days bigint not null,
    created_at bigint not null
);

-- Where the log and the audit chain of a workspace end. No foreign key: the chain outlives its workspace.
-- The nil workspace is the instance itself.
create table heads (
    workspace_id uuid not null primary key,
    event_seq bigint not null,
    audit_seq bigint not null,
    audit_hash bytea not null
);
insert into heads (workspace_id, event_seq, audit_seq, audit_hash) values ('00000000-0000-0000-0000-000000000000', 0, 0, decode(repeat('00', 32), 'hex'));

create table members (
    workspace_id uuid not null references workspaces (workspace_id) on delete cascade,
    user_id uuid not null,
    role text not null,
    joined_at bigint not null,
    primary key (workspace_id, user_id)
);
create index members_user on members (user_id);

create table invitations (
    workspace_id uuid not null references workspaces (workspace_id) on delete cascade,
    id uuid not null,
    email text not null,
    role text not null,
    invited_by uuid not null,
    token_hash bytea not null unique,
    created_at bigint not null,
    expires_at bigint not null,
    primary key (workspace_id, id)
);

create table api_keys (
    workspace_id uuid not null references workspaces (workspace_id) on delete cascade,
    id uuid not null,
    name text not null,
    owner_id uuid,
    scopes text not null,
    prefix text not null,
    token_hash bytea not null unique,
    created_at bigint not null,
    expires_at bigint,
    last_used_at bigint,
    primary key (workspace_id, id)
);
create index api_keys_owner on api_keys (owner_id);

create table quotas (
    workspace_id uuid not null references workspaces (workspace_id) on delete cascade,
    key text not null,
    most bigint not null,
    primary key (workspace_id, key)
);

create table act_as (
    id uuid not null primary key,
    user_id uuid not null,
    workspace_id uuid not null,
    reason text not null,
    expires_at bigint not null
);

select pmos_fence('workspaces'), pmos_fence('heads'), pmos_fence('members'), pmos_fence('invitations'),
    pmos_fence('api_keys'), pmos_fence('quotas');
revoke delete on heads from pmos_app, pmos_system;
grant select, insert on act_as to pmos_system;

select pmos_look_up('workspaces', 'workspace_id'),
    pmos_look_up('members', 'workspace_id, user_id, role'),
    pmos_look_up('invitations', 'workspace_id, id, token_hash'),
    pmos_look_up('api_keys', 'workspace_id, id, owner_id, scopes, token_hash, expires_at, last_used_at');
