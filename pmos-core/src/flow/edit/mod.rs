//! Edits: the only way a flow changes.
//!
//! A request ([`FlowEdit`] as people, the assistant and programs send it) is *expanded* into explicit edits and those are
//! *applied*. Everything else follows from these two and from the difference of two graphs.
//!
//! | you want | call |
//! |---|---|
//! | every consequence spelled out | [`Graph::expand`]`(&self, &[FlowEdit], &Capabilities, &dyn Dialect) -> Result<Vec<FlowEdit>, EditError>` |
//! | the graph after expanded edits | [`Graph::apply`]`(&self, &[FlowEdit], &Capabilities) -> Result<Graph, EditError>` |
//! | both at once | [`Graph::edit`]`(&self, &[FlowEdit], &Capabilities, &dyn Dialect) -> Result<(Vec<FlowEdit>, Graph), EditError>` |
//! | both, for an engine's document | [`edit_document`]`(&dyn FlowLens, &Document, &[FlowEdit]) -> Result<(Document, Vec<FlowEdit>)>` |
//! | edits from one graph to another | [`Graph::diff`]`(&self, &Graph, &Capabilities) -> Vec<FlowEdit>` |
//! | an undo | [`FlowView::invert`]`(&self, &[FlowEdit], &Capabilities) -> Result<Vec<FlowEdit>, EditError>` |
//! | edits made on an older state | [`merge`]`(&FlowView, &FlowView, &[FlowEdit], &Capabilities, &dyn Dialect, &dyn Fn(&Graph) -> Vec<Issue>) -> Result<Merge, EditError>` |
//! | what edits touch | [`Touched::by`]`(&Graph, &[FlowEdit], &Capabilities)`, [`Touched::between`]`(&Graph, &Graph, &Capabilities)` |
//! | a graph that a caller brings | [`Graph::admit`]`(&self, &Capabilities) -> Result<()>`, then [`Graph::check`]`(&self, &[Piece], &Capabilities) -> Vec<Issue>` |
//!
//! Two kinds of engines: where [`Capabilities::free_layout`] is false, steps form a tree below one trigger, each port
//! leads to one step, and `next` leads to what comes after while every other port leads inside. Where it is true, any
//! step may be connected with any other.
//!
//! [`Graph::expand`]: crate::flow::Graph::expand
//! [`Graph::apply`]: crate::flow::Graph::apply
//! [`Graph::edit`]: crate::flow::Graph::edit
//! [`Graph::diff`]: crate::flow::Graph::diff
//! [`Graph::check`]: crate::flow::Graph::check
//! [`Graph::admit`]: crate::flow::Graph::admit
//! [`FlowView::invert`]: crate::flow::FlowView::invert
//! [`Capabilities::free_layout`]: crate::flow::Capabilities::free_layout

mod dialect;
mod diff;
mod document;
mod draft;
mod error;
mod expand;
mod expand_free;
mod fold;
mod given;
mod invert;
mod merge;
mod mismatch;
mod model;
mod names;
mod patch;
mod step;
mod touch;

#[cfg(test)]
mod tests;

pub use dialect::{Dialect, PlainDialect, Renamed};
pub use document::edit_document;
pub(in crate::flow) use document::one_by_one;
pub use error::EditError;
pub(crate) use invert::last_name;
pub use merge::{Merge, merge};
pub use mismatch::{Mismatch, Part};
pub use model::*;
pub use touch::{FieldPath, Touch, Touched};
