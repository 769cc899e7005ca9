//! Quotas: what a workspace may use.

pub mod actions;
mod limits;
mod model;

pub(crate) use limits::{Limits, exceeded};
pub use model::*;
