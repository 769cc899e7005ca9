//! The Store port of PMOS three times: memory, `SQLite`, `PostgreSQL`.

pub mod memory;

pub use memory::MemoryStore;
