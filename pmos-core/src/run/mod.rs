//! Runs: what happened when a flow was executed, the same for every engine.

pub mod actions;
mod context;
mod deliver;
mod flatten;
mod headers;
pub(crate) mod hosting;
mod inbound;
mod intake;
mod kept;
mod model;
mod named;
mod port;
mod progress;
mod record;
mod refusals;
mod runs;

pub(crate) use context::JournaledRun;
pub(crate) use deliver::{Deliveries, new_hook_token};
pub use flatten::records_of;
pub use headers::{MASKED, is_sensitive_header};
pub use inbound::InboundRequest;
pub use intake::Intake;
pub use kept::{SHOWN_BYTES, shown};
pub use model::*;
pub(crate) use named::First;
pub use port::*;
pub(crate) use progress::show_progress;
pub use record::*;
pub use runs::Runs;
pub(crate) use runs::{AT_ONCE, Work};
