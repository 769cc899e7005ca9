//! Connections: stored credentials for services outside.

mod model;

pub use model::*;
