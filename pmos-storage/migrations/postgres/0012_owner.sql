-- How often the lock on the database was taken: a process that lost it for a moment sees whether another had it in between.
create sequence owners;

-- Which workspaces have secrets, so that a master key can be tried before it is used.
select pmos_look_up('data_keys', 'workspace_id');

-- Counted up to find out whether anything can be written.
alter table instance add column checked bigint not null default 0;
