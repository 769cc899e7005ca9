//! Edits: the only way a flow changes.

mod model;

pub use model::*;
