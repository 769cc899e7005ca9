//! Quotas: what a workspace may use.

pub mod actions;
mod limits;
mod model;

pub use limits::Rate;
pub(crate) use limits::{Limits, exceeded, midnight_before};
pub use model::*;
