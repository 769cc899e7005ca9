//! Engines outside: how a workspace gets a place at one, what is there, and whose it is.
//!
//! A [`FlowHost`] speaks to an engine in its own words. What it needs to act for a workspace is a [`Tenancy`]; which of
//! the engine's objects belong to which workspace is written down in the ownership map
//! ([`EngineRepository`](crate::store::EngineRepository)) and asked before every call.

mod follow;
mod model;
mod picture;
mod place;
mod port;
mod turns;

pub(crate) use follow::follow;
pub use model::*;
pub(crate) use picture::{Absorbed, Absorbing, OUTSIDE, SeenFlow, Sent, label};
pub(crate) use place::{SeenCredential, known_credentials};
pub use port::*;
pub(crate) use turns::{Turn, Turns};
