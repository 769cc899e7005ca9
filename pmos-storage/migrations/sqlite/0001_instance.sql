-- What belongs to no workspace: the instance, its accounts and their sessions.
create table instance (
    id integer not null primary key check (id = 1),
    founded integer not null
) strict;
insert into instance (id, founded) values (1, 0);

create table accounts (
    id blob not null primary key,
    email text not null,
    email_key text not null unique,
    name text not null,
    password_hash text not null,
    super_admin integer not null,
    created_at integer not null
) strict;

create table resets (
    token_hash blob not null primary key,
    user_id blob not null references accounts (id) on delete cascade,
    expires_at integer not null
) strict;
create index resets_user on resets (user_id);

create table sessions (
    id blob not null primary key,
    user_id blob not null references accounts (id) on delete cascade,
    token_hash blob not null unique,
    created_at integer not null,
    last_used_at integer not null,
    expires_at integer not null,
    stepped_up_until integer,
    address text not null,
    user_agent text not null
) strict;
create index sessions_user on sessions (user_id, id);
create index sessions_expiry on sessions (expires_at);
