//! Connections: stored credentials for external services.

pub mod actions;
mod hosting;
mod model;
mod port;

pub use model::*;
pub use port::*;
