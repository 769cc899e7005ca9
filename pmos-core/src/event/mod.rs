//! The workspace log: what happened, in one dense sequence per workspace.

mod feed;
mod model;

pub(crate) use feed::WATCH;
pub use feed::*;
pub use model::*;
