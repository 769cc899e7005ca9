-- Journals have no foreign key to their runs: a record is only ever written in the transaction that found its run and holds
-- it, and who deletes runs deletes their journals. SQLite cannot drop a key, so the table is made anew.
create table journals (
    workspace_id blob not null,
    run_id blob not null,
    n integer not null,
    within text not null,
    step text not null,
    name text not null,
    status text not null,
    attempt integer not null,
    started_at integer not null,
    duration_us integer not null,
    input text,
    output text,
    error text,
    primary key (workspace_id, run_id, n)
) strict, without rowid;
insert into journals (workspace_id, run_id, n, within, step, name, status, attempt, started_at, duration_us, input, output, error)
    select workspace_id, run_id, n, within, step, name, status, attempt, started_at, duration_us, input, output, error
    from run_steps;
drop table run_steps;
alter table journals rename to run_steps;
