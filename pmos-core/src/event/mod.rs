//! The workspace log: what happened, in one dense sequence per workspace.

mod bus;
mod feed;
mod model;

pub use bus::*;
pub use feed::*;
pub use model::*;
