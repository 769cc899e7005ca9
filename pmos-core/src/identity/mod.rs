//! Identity: who is calling.

mod model;
mod port;

pub use model::*;
pub use port::*;
