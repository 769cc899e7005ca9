-- Providers of models that workspaces connected.
create table model_providers (
    workspace_id uuid not null references workspaces (workspace_id) on delete cascade,
    name text not null,
    kind text not null,
    base_url text,
    sealed bytea,
    default_model text,
    preferred boolean not null,
    models text not null,
    state text not null,
    facts text not null,
    updated_at bigint not null,
    primary key (workspace_id, name)
);
create unique index model_providers_preferred on model_providers (workspace_id) where preferred;
select pmos_fence('model_providers');
