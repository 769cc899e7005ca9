-- Automations with their drafts, their published versions and the edits that made them.
create table flows (
    workspace_id blob not null references workspaces (workspace_id) on delete cascade,
    id blob not null,
    engine text not null,
    name text not null,
    enabled integer not null,
    revision integer not null,
    document text not null,
    issues text not null,
    issues_count integer not null,
    trigger_operation text,
    hook_token text not null unique,
    published_version integer,
    published_revision integer,
    published_at integer,
    created_at integer not null,
    updated_at integer not null,
    deleted_at integer,
    primary key (workspace_id, id)
) strict;

create table flow_versions (
    workspace_id blob not null,
    flow_id blob not null,
    version integer not null,
    document text not null,
    revision integer not null,
    at integer not null,
    author text not null,
    note text,
    primary key (workspace_id, flow_id, version),
    foreign key (workspace_id, flow_id) references flows (workspace_id, id) on delete cascade
) strict;

create table flow_edits (
    workspace_id blob not null,
    flow_id blob not null,
    revision integer not null,
    id blob not null,
    base integer not null,
    author text not null,
    note text,
    edits text not null,
    inverses text not null,
    at integer not null,
    primary key (workspace_id, flow_id, revision),
    foreign key (workspace_id, flow_id) references flows (workspace_id, id) on delete cascade
) strict;
