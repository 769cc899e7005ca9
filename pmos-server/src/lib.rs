//! The reference server of PMOS: the action table as axum routes, the web UI, the process.
//!
//! It is thin. What the product can do is in `pmos-core`; here a request becomes a call of an action, and an answer
//! becomes a response. The crate is a library too:
//!
//! | you want to | use |
//! |---|---|
//! | mount the routes into a router of your own | [`router`] |
//! | run the whole server inside your process | [`serve`] |
//! | put a `Pmos` together as the server does | [`open_store`] or [`take_over_store`], [`build`] |
//! | describe the API | [`document`], [`permissions`] |
//!
//! ```text
//! config/   settings: defaults, file, environment, flags
//! cli/      one file per command
//! http/     routes, and the edge that every request passes
//! control/  commands of the operator beside the running server
//! listen    connections            lifecycle  from the start to the end
//! key       the master key         wiring     from settings to a Pmos
//! ```

pub mod cli;
pub mod config;
mod control;
mod fault;
mod http;
mod key;
mod lifecycle;
mod listen;
mod permissions;
mod telemetry;
mod wiring;

pub use fault::Fault;
pub use http::{RouterConfig, document, router};
pub use key::KeyError;
pub use lifecycle::{serve, stop_on_signals};
pub use permissions::permissions;
pub use telemetry::{Metrics, log, measure};
pub use wiring::{ReadyInstance, build, open_store, take_over_store};
