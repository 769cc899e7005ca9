//! The workspace log: what happened, in one dense sequence per workspace.

mod bus;
mod feed;
mod model;

pub use bus::*;
pub(crate) use feed::WATCH;
pub use feed::*;
pub use model::*;
