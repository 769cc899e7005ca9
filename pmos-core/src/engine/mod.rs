//! Remote engines: how a workspace gets a tenancy at one, what is there, and whose it is.
//!
//! A [`FlowHost`] speaks to an engine in its own words. What it needs to act for a workspace is a [`Tenancy`]; which of
//! the engine's objects belong to which workspace is written down in the ownership map
//! ([`EngineRepository`](crate::store::EngineRepository)) and asked before every call.

pub mod actions;
mod follow;
pub(crate) mod foreign;
mod health;
pub(crate) mod hosting;
mod ingest;
mod live;
mod login;
mod mirror;
mod model;
mod port;
mod report;
mod sync;
mod tenancy;
mod watch;

pub(crate) use follow::follow;
pub(crate) use health::{found, look_at, state_event};
pub(crate) use ingest::{ingest, read_steps};
pub(crate) use live::{Live, StepsToShow};
pub use login::{Login, OwnCredentials};
pub(crate) use mirror::{Absorbing, EXTERNAL_EDITOR, Mirror, SeenFlow, Sent, label};
pub use model::*;
pub use port::*;
pub use report::{Health, HealthReport};
pub(crate) use sync::sync_flows;
pub(crate) use tenancy::{SeenCredential, known_credentials};
pub(crate) use watch::{FollowedTenancy, TenancyKey, Watch, Watched};
