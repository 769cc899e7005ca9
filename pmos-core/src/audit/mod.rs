//! Audit: who did what, in a chain that shows every later change.

pub mod actions;
mod chain;
mod model;
mod proof;

pub use chain::*;
pub use model::*;
pub use proof::AuditVerdict;
