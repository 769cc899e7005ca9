//! The memory store keeps every promise of the port.

use std::sync::Arc;

use pmos_storage::MemoryStore;

pmos_core::store_suite!((Arc::new(MemoryStore::new()), ()));
