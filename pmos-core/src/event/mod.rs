//! The workspace log: what happened, in one dense sequence per workspace.

mod feed;
mod model;

pub use feed::*;
pub(crate) use feed::{FeedEnd, WATCH, Watcher};
pub use model::*;
