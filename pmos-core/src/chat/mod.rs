//! Chat: conversations with the assistant, and the loop that answers them.

pub mod actions;
mod event;
mod model;
mod prompt;
mod transcript;
mod turns;

pub use event::*;
pub use model::*;
pub(crate) use prompt::{INSTRUCTIONS, messages as told};
pub use transcript::*;
pub(crate) use turns::TurnsAtWork;
