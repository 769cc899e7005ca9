//! The Store port of PMOS three times: memory, SQLite, PostgreSQL.
