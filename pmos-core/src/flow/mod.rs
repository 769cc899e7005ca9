//! Flows: one view over the documents of every engine.
//!
//! An engine keeps its flows in its own form and that form stays the truth; a [`FlowLens`] shows it as a [`Graph`] and
//! turns [`FlowEdit`]s into changes of it. See `docs/adr/0004-edits.md`.

mod edit;
mod model;
mod piece;
mod port;

pub use edit::*;
pub use model::*;
pub use piece::*;
pub use port::*;
