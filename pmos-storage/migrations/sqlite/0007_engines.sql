-- Places at engines outside, and which of their objects belong to which workspace.
create table tenancies (
    workspace_id blob not null references workspaces (workspace_id) on delete cascade,
    engine text not null,
    instance text not null,
    wall text not null,
    sealed blob not null,
    state text not null,
    facts text not null,
    version text,
    runs_after text,
    connected_at integer not null,
    primary key (workspace_id, engine)
) strict;

-- An object of one server belongs to one workspace alone, and has one of our ids.
create table engine_objects (
    workspace_id blob not null,
    engine text not null,
    instance text not null,
    kind text not null,
    id blob not null,
    external text not null,
    seen text not null,
    at integer not null,
    primary key (workspace_id, engine, kind, id),
    unique (engine, kind, external, instance),
    foreign key (workspace_id, engine) references tenancies (workspace_id, engine) on delete cascade
) strict, without rowid;
