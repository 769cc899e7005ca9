-- Providers of models that workspaces connected.
create table model_providers (
    workspace_id blob not null references workspaces (workspace_id) on delete cascade,
    name text not null,
    kind text not null,
    base_url text,
    sealed blob,
    default_model text,
    preferred integer not null,
    models text not null,
    state text not null,
    facts text not null,
    updated_at integer not null,
    primary key (workspace_id, name)
) strict;
create unique index model_providers_preferred on model_providers (workspace_id) where preferred;
