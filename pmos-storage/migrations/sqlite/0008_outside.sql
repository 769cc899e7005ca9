-- What comes with engines outside: runs that they run, edits that were not applied, addresses of their own.
alter table flows add column hook_url text;

-- A revision comes from one list of edits, but any number may have met it without being applied. A primary key cannot be
-- changed, so the table is made anew.
create table flow_edits_by_id (
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
    conflict integer not null default false,
    remains text,
    primary key (workspace_id, flow_id, id),
    foreign key (workspace_id, flow_id) references flows (workspace_id, id) on delete cascade
) strict;
insert into flow_edits_by_id (workspace_id, flow_id, revision, id, base, author, note, edits, inverses, at)
    select workspace_id, flow_id, revision, id, base, author, note, edits, inverses, at from flow_edits;
drop table flow_edits;
alter table flow_edits_by_id rename to flow_edits;
create unique index flow_edits_applied on flow_edits (workspace_id, flow_id, revision) where not conflict;

alter table runs add column remote integer not null default false;
drop index runs_open;
create index runs_open on runs (id, workspace_id) where status in ('queued', 'running', 'waiting') and not remote;
create index runs_outside on runs (workspace_id, engine, started_at, id)
    where status in ('queued', 'running', 'waiting') and remote;
