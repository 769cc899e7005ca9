//! Flows: one view over the documents of every engine.
//!
//! An engine keeps its flows in its own form and that form stays the truth; a [`FlowLens`] shows it as a [`Graph`] and
//! turns [`FlowEdit`]s into changes of it. See `docs/adr/0004-edit.md`.

pub mod actions;
mod check;
mod datum;
mod document;
mod edit;
mod history;
pub(crate) mod hosting;
mod limits;
mod model;
mod order;
mod piece;
mod port;
mod remains;
mod structure;
mod visible;

pub use check::{check_settings, fill_in, operation_of};
pub use datum::{Datum, DatumKind};
pub use document::Document;
pub use edit::*;
pub(crate) use history::{Change, changed, look_over};
pub use limits::{MAX_EDGES, MAX_EDITS, MAX_GRAPH_BYTES, MAX_NAME_CHARS, MAX_STEPS};
pub use model::*;
pub use piece::*;
pub use port::*;
pub use remains::Remains;
pub use visible::Filled;
