-- Counted up to find out whether anything can be written: what does not change is not written.
alter table instance add column checked integer not null default 0;
