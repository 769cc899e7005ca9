-- Workspaces, who belongs to them and what they may use.
create table workspaces (
    workspace_id blob not null primary key,
    name text not null,
    time_zone text not null,
    default_engine text not null,
    retention_days integer not null,
    created_at integer not null
) strict;

-- Where the log and the audit chain of a workspace end. No foreign key: the chain outlives its workspace.
-- The nil workspace is the instance itself.
create table heads (
    workspace_id blob not null primary key,
    event_seq integer not null,
    audit_seq integer not null,
    audit_hash blob not null
) strict, without rowid;
insert into heads (workspace_id, event_seq, audit_seq, audit_hash) values (zeroblob(16), 0, 0, zeroblob(32));

create table members (
    workspace_id blob not null references workspaces (workspace_id) on delete cascade,
    user_id blob not null,
    role text not null,
    joined_at integer not null,
    primary key (workspace_id, user_id)
) strict, without rowid;
create index members_user on members (user_id);

create table invitations (
    workspace_id blob not null references workspaces (workspace_id) on delete cascade,
    id blob not null,
    email text not null,
    role text not null,
    invited_by blob not null,
    token_hash blob not null unique,
    created_at integer not null,
    expires_at integer not null,
    primary key (workspace_id, id)
) strict;

create table api_keys (
    workspace_id blob not null references workspaces (workspace_id) on delete cascade,
    id blob not null,
    name text not null,
    owner_id blob,
    scopes text not null,
    prefix text not null,
    token_hash blob not null unique,
    created_at integer not null,
    expires_at integer,
    last_used_at integer,
    primary key (workspace_id, id)
) strict;
create index api_keys_owner on api_keys (owner_id);

create table quotas (
    workspace_id blob not null references workspaces (workspace_id) on delete cascade,
    key text not null,
    most integer not null,
    primary key (workspace_id, key)
) strict, without rowid;

create table act_as (
    id blob not null primary key,
    user_id blob not null,
    workspace_id blob not null,
    reason text not null,
    expires_at integer not null
) strict;
