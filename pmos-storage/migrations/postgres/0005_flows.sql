-- Automations with their drafts, their published versions and the edits that made them.
create table flows (
    workspace_id uuid not null references workspaces (workspace_id) on delete cascade,
    id uuid not null,
    engine text not null,
    name text not null,
    enabled boolean not null,
    revision bigint not null,
    document text not null,
    issues text not null,
    issues_count bigint not null,
    trigger_operation text,
    hook_token text not null unique,
    published_version bigint,
    published_revision bigint,
    published_at bigint,
    created_at bigint not null,
    updated_at bigint not null,
    deleted_at bigint,
    primary key (workspace_id, id)
);

create table flow_versions (
    workspace_id uuid not null,
    flow_id uuid not null,
    version bigint not null,
    document text not null,
    revision bigint not null,
    at bigint not null,
    author text not null,
    note text,
    primary key (workspace_id, flow_id, version),
    foreign key (workspace_id, flow_id) references flows (workspace_id, id) on delete cascade
);

create table flow_edits (
    workspace_id uuid not null,
    flow_id uuid not null,
    revision bigint not null,
    id uuid not null,
    base bigint not null,
    author text not null,
    note text,
    edits text not null,
    inverses text not null,
    at bigint not null,
    primary key (workspace_id, flow_id, revision),
    foreign key (workspace_id, flow_id) references flows (workspace_id, id) on delete cascade
);

select pmos_fence('flows'), pmos_fence('flow_versions'), pmos_fence('flow_edits');
select pmos_look_up('flows', 'workspace_id, id, hook_token, deleted_at');
