//! Models: what the assistant thinks with, and how a workspace reaches them.

pub mod actions;
mod check;
mod fault;
mod port;
mod prompt;
mod provider;
mod reach;

pub(crate) use check::{advice, check};
pub use fault::*;
pub use port::*;
pub use prompt::*;
pub use provider::*;
pub(crate) use reach::chosen;
