-- What comes with engines outside: runs that they run, edits that were not applied, addresses of their own.
alter table flows add column hook_url text;

-- A revision comes from one list of edits, but any number may have met it without being applied.
alter table flow_edits
    add column conflict boolean not null default false,
    add column remains text,
    drop constraint flow_edits_pkey,
    add primary key (workspace_id, flow_id, id);
create unique index flow_edits_applied on flow_edits (workspace_id, flow_id, revision) where not conflict;

alter table runs add column remote boolean not null default false;
drop index runs_open;
create index runs_open on runs (id, workspace_id) where status in ('queued', 'running', 'waiting') and not remote;
create index runs_outside on runs (workspace_id, engine, started_at, id)
    where status in ('queued', 'running', 'waiting') and remote;
grant select (remote) on runs to pmos_directory;

select pmos_look_up('tenancies', 'workspace_id, engine');
