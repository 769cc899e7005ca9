-- Runs that wait, that run for other runs, and that belong to one process at a time; automations that start by
-- themselves.
alter table runs add column wake_at integer;
alter table runs add column node blob;
alter table runs add column epoch integer not null default 0;
alter table runs add column cancel integer not null default false;
alter table runs add column parent_id blob;
alter table runs add column depth integer not null default 0;
update runs set wake_at = started_at where status in ('queued', 'waiting') and not remote;

drop index runs_open;
create index runs_owned on runs (id, workspace_id) where status = 'running' and not remote;
create index runs_due on runs (wake_at) where status in ('queued', 'waiting') and not remote;
create index runs_children on runs (workspace_id, parent_id) where parent_id is not null;

alter table flows add column next_run_at integer;
create index flows_due on flows (next_run_at) where next_run_at is not null;
