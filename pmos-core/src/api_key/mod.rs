//! API keys: how programs sign in.

mod model;

pub use model::*;
