//! Workflows of the server ⇄ graphs of ours. Pure functions.
//!
//! | file | what |
//! |---|---|
//! | [`view`] | a document as people see it |
//! | [`identity`] | the ids under which nodes are shown |
//! | [`step`] | a node as a step and back, field by field |
//! | [`operation`] | `resource` and `operation` of a node as the operation of a step |
//! | [`edge`] | connections, which go by names, as edges, which go by ids |
//! | [`names`] | everything else that goes by the name of a node |
//! | [`fit`] | what a workflow cannot hold |
//! | [`change`] | a document after its view changed |
//! | [`remains`] | what a change takes away unseen, and how it comes back |

mod change;
mod edge;
mod fit;
mod group;
mod identity;
mod names;
mod operation;
mod remains;
mod step;
mod view;

pub(super) use change::change;
pub(super) use edge::{is_usual_input, usual};
pub(super) use fit::fit;
pub(super) use identity::{ids, owners};
pub(super) use remains::{Taken, keep};
pub(super) use step::set_link;
pub(super) use view::{forms, into_view, view};
