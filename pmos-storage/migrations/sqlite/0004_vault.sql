-- Secrets, sealed before they come here.
create table data_keys (
    workspace_id blob not null primary key references workspaces (workspace_id) on delete cascade,
    sealed blob not null
) strict;

create table connections (
    workspace_id blob not null references workspaces (workspace_id) on delete cascade,
    id blob not null,
    name text not null,
    kind text not null,
    hosts text not null,
    secret_name text not null,
    last_four text,
    sealed blob not null,
    created_at integer not null,
    updated_at integer not null,
    primary key (workspace_id, id)
) strict;
