//! Identity: who is calling.

mod accounts;
pub mod actions;
mod model;
mod passwords;
mod port;
mod principal;
mod principals;
mod rights;
mod throttle;

pub use accounts::*;
pub use model::*;
pub(crate) use passwords::Passwords;
pub use port::*;
pub(crate) use principal::Shown;
pub use principal::{Presented, Principal, Way};
pub(crate) use principals::Principals;
pub(crate) use rights::{Credential, Rights};
