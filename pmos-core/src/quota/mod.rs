//! Quotas: what a workspace may use.

mod model;

pub use model::*;
