//! Identity: who is calling.

mod accounts;
mod model;
mod passwords;
mod port;
mod throttle;

pub use accounts::*;
pub use model::*;
pub(crate) use passwords::Passwords;
pub use port::*;
