//! API keys: how programs sign in.

pub mod actions;
mod model;

pub use model::*;
