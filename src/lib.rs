//! PMOS, embeddable: everything a host application needs, from one place.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use pmos::prelude::*;
//!
//! # async fn run(stop: impl Future<Output = ()>) -> Result<(), Box<dyn std::error::Error>> {
//! let store = pmos::storage::open(&"sqlite://pmos.db".parse()?).await?;
//! let outbound = pmos::connectors::outbound::Outbound::builder().build()?;
//! let engine = pmos::connectors::embedded::EmbeddedEngine::new(Default::default(), Arc::new(outbound));
//! let pmos = Pmos::builder(store).engine(Arc::new(engine)).master_key([7; 32]).build()?;
//! pmos.run_until(stop).await?;
//! # Ok(()) }
//! ```
//!
//! Users of your own: implement [`Identity`](core::identity::Identity). A store of your own: implement
//! [`Store`](core::store::Store). The HTTP interface as a router to mount: the crate `pmos-server`.

pub use pmos_connectors as connectors;
pub use pmos_core as core;
pub use pmos_storage as storage;

/// What most programs name.
pub mod prelude {
    pub use pmos_core::{
        Channel, Error, Kind, Pmos, Presented, Result, Role, UserId, WorkspaceId,
        action::{Called, Caller, RequestInfo},
        identity::Identity,
        store::Store,
        workspace::Workspace,
    };
}

/// The programs in the book and on the front page compile.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../docs/book/embedding.md")]
    struct Embedding;
    #[doc = include_str!("../README.md")]
    struct Readme;
}
