-- Three roles without a way in of their own: each transaction takes one with `set local role`. None owns a table or
-- bypasses row level security. Roles belong to the whole server, so several databases may create them at once.
do $$
declare wanted text;
begin
    foreach wanted in array array['pmos_app', 'pmos_system', 'pmos_directory'] loop
        begin
            if not exists (select from pg_roles where rolname = wanted) then
                execute format('create role %I nologin', wanted);
            end if;
        exception when duplicate_object or unique_violation then
            null;
        end;
        if not pg_has_role(current_user, wanted, 'member') then
            execute format('grant %I to current_user', wanted);
        end if;
        execute format('grant usage on schema %I to %I', current_schema(), wanted);
    end loop;
end $$;

-- Puts a table of a workspace behind its wall: `pmos_app` sees the rows of the workspace that its transaction named and
-- no others, `pmos_system` sees all. After a transaction the setting is an empty text, not null.
create function pmos_fence(fenced regclass) returns void language plpgsql as $$
begin
    execute format('alter table %s enable row level security', fenced);
    execute format('alter table %s force row level security', fenced);
    execute format('grant select, insert, update, delete on %s to pmos_app, pmos_system', fenced);
    execute format(
        'create policy tenant on %s to pmos_app
            using (workspace_id = nullif(current_setting(''pmos.workspace'', true), '''')::uuid)
            with check (workspace_id = nullif(current_setting(''pmos.workspace'', true), '''')::uuid)', fenced);
    execute format('create policy house on %s to pmos_system using (true) with check (true)', fenced);
end $$;

-- Lets `pmos_directory` read these columns of a fenced table, in all workspaces.
create function pmos_look_up(fenced regclass, columns text) returns void language plpgsql as $$
begin
    execute format('grant select (%s) on %s to pmos_directory', columns, fenced);
    execute format('create policy look_up on %s for select to pmos_directory using (true)', fenced);
end $$;

-- What belongs to no workspace: the instance, its accounts and their sessions.
create table instance (
    id bigint not null primary key check (id = 1),
    founded boolean not null
);
insert into instance (id, founded) values (1, false);

create table accounts (
    id uuid not null primary key,
    email text not null,
    email_key text not null unique,
    name text not null,
    password_hash text not null,
    super_admin boolean not null,
    created_at bigint not null
);

create table resets (
    token_hash bytea not null primary key,
    user_id uuid not null references accounts (id) on delete cascade,
    expires_at bigint not null
);
create index resets_user on resets (user_id);

create table sessions (
    id uuid not null primary key,
    user_id uuid not null references accounts (id) on delete cascade,
    token_hash bytea not null unique,
    created_at bigint not null,
    last_used_at bigint not null,
    expires_at bigint not null,
    stepped_up_until bigint,
    address text not null,
    user_agent text not null
);
create index sessions_user on sessions (user_id, id);
create index sessions_expiry on sessions (expires_at);

grant select, update on instance to pmos_system;
grant select, insert, update, delete on accounts, resets, sessions to pmos_system;
