//! Runs: what happened when a flow was executed, the same for every engine.

mod headers;
mod inbound;
mod kept;
mod model;
mod port;

pub use headers::{MASKED, is_sensitive_header};
pub use inbound::InboundRequest;
pub use kept::{SHOWN_BYTES, shown};
pub use model::*;
pub use port::*;
