-- Places at engines outside, and which of their objects belong to which workspace. Engines are in the order of their
-- letters, whatever the language of the database.
create table tenancies (
    workspace_id uuid not null references workspaces (workspace_id) on delete cascade,
    engine text collate "C" not null,
    instance text not null,
    wall text not null,
    sealed bytea not null,
    state text not null,
    facts text not null,
    version text,
    runs_after text,
    connected_at bigint not null,
    primary key (workspace_id, engine)
);

-- An object of one server belongs to one workspace alone, and has one of our ids.
create table engine_objects (
    workspace_id uuid not null,
    engine text collate "C" not null,
    instance text not null,
    kind text not null,
    id uuid not null,
    external text not null,
    seen text not null,
    at bigint not null,
    primary key (workspace_id, engine, kind, id),
    unique (engine, kind, external, instance),
    foreign key (workspace_id, engine) references tenancies (workspace_id, engine) on delete cascade
);

select pmos_fence('tenancies'), pmos_fence('engine_objects');
