-- Journals have no foreign key to their runs: a record is only ever written in the transaction that found its run and holds
-- it, and who deletes runs deletes their journals. The key was checked for every record, by a plan that a connection keeps:
-- made while the table was new and had no statistics, it read all runs of the workspace each time.
alter table run_steps drop constraint run_steps_workspace_id_run_id_fkey;
