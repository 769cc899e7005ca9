//! Audit: who did what, in a chain that shows every later change.

pub mod actions;
mod chain;
mod model;

pub use chain::*;
pub use model::*;
