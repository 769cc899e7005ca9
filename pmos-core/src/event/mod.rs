//! The workspace log: what happened, in one dense sequence per workspace.

mod bus;
mod model;

pub use bus::*;
pub use model::*;
