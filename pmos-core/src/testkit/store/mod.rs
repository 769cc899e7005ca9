//! The conformance suite for stores: what every [`Store`](crate::store::Store) promises, a small case per sentence.
//!
//! Each case is a plain asynchronous function over an empty store of its own; [`store_suite!`](crate::store_suite)
//! stamps one named test for each:
//!
//! ```ignore
//! use std::sync::Arc;
//! // What opens an empty store, and whatever must outlive it, as a temporary directory.
//! pmos_core::store_suite!((Arc::new(MemoryStore::new()), ()));
//! ```
//!
//! A case never holds two units that write in one task at the same time, so a store may let writers take turns.

pub mod accounts;
pub mod approvals;
pub mod audit;
pub mod chat;
pub mod connections;
pub mod directory;
pub mod engines;
pub mod events;
pub mod flows;
pub mod idempotency;
pub mod journal;
pub mod keys;
pub mod members;
pub mod models;
pub mod quotas;
pub mod runs;
pub mod sessions;
mod suite;
pub mod units;
pub mod waits;
pub mod walls;
pub mod workspaces;

use super::fixture::{Fixture, Home};
