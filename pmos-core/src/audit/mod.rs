//! Audit: who did what, in a chain that shows every later change.

mod chain;
mod model;

pub use chain::*;
pub use model::*;
