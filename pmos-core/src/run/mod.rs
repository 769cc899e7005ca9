//! Runs: what happened when a flow was executed, the same for every engine.

mod model;
mod port;

pub use model::*;
pub use port::*;
