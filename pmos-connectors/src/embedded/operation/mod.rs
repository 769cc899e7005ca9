//! What steps do beyond what flows themselves consist of: the `http` step, and the operations of the embedding program.
//!
//! Set, branch, loop and the like are the language of flows and belong to the [`runner`](super::runner). Everything that may
//! act on the world is an [`OperationHandler`] in one registry, and runs in one way: durable, tried again, stopped and
//! recorded by the same code.

mod context;
mod descriptor;
mod failure;
mod handler;
mod http;
mod registry;

pub use context::StepContext;
pub use descriptor::OperationDescriptor;
pub(super) use failure::Means;
pub use failure::StepFailure;
pub use handler::OperationHandler;
pub(super) use registry::{Operations, Registered};
