//! Approvals: acts that wait until a person has decided about them.

pub mod actions;
mod digest;
mod model;
mod policy;
mod target;

pub(crate) use digest::{Bound, input_digest};
pub use model::*;
pub use policy::*;
pub use target::KeptRevision;
pub(crate) use target::Target;
