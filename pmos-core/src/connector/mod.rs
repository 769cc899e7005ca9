//! Connectors: external services whose tools people and assistants may use.

mod model;
mod port;

pub use model::*;
pub use port::*;
