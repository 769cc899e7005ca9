//! Connections: stored credentials for services outside.

pub mod actions;
mod hosting;
mod model;
mod port;

pub use model::*;
pub use port::*;
