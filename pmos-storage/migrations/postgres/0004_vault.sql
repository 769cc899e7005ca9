-- Secrets, sealed before they come here.
create table data_keys (
    workspace_id uuid not null primary key references workspaces (workspace_id) on delete cascade,
    sealed bytea not null
);

create table connections (
    workspace_id uuid not null references workspaces (workspace_id) on delete cascade,
    id uuid not null,
    name text not null,
    kind text not null,
    hosts text not null,
    secret_name text not null,
    last_four text,
    sealed bytea not null,
    created_at bigint not null,
    updated_at bigint not null,
    primary key (workspace_id, id)
);

select pmos_fence('data_keys'), pmos_fence('connections');
