//! The vocabulary and the rules of PMOS.
//!
//! Everything a person, a key or an agent can do is an [`action::Action`] in one table and passes one pipeline;
//! everything outside the process is a port, a small object-safe trait. This crate knows no SQL, no web framework and
//! no wire format of anybody else.
//!
//! | you want to | look at |
//! |---|---|
//! | add a use case | [`action`]: implement [`action::Action`], register it in the noun's `actions` |
//! | bring your own users | [`identity::Identity`] and [`workspace::Workspace`] |
//! | add a flow engine | [`flow::FlowEngine`], then run `testkit::engine` |
//! | add a connector | [`connector::Connector`] |
//! | add a store | [`store::Store`], then run `testkit::store` |
//!
//! Every noun is a folder with the same shape: `model.rs` holds the types and their invariants, `port.rs` the trait that
//! the outside implements (where there is one), `actions/` one file per use case, `hosting.rs` what differs between an
//! embedded engine and a remote one.

mod background;
mod clock;
mod effect;
mod error;
mod id;
pub mod job;
pub mod json;
mod observe;
mod outward;
mod page;
mod pmos;
mod readable;
mod request;
mod scope;
mod services;
mod time;

pub mod action;
pub mod api_key;
pub mod approval;
pub mod audit;
pub mod chat;
pub mod cluster;
pub mod connection;
pub mod connector;
pub mod content;
pub mod engine;
pub mod event;
pub mod flow;
pub mod identity;
pub mod model;
pub mod quota;
pub mod run;
pub mod schedule;
pub mod store;
#[cfg(feature = "testkit")]
pub mod testkit;
pub mod vault;
pub mod workspace;

pub use clock::{Clock, SystemClock};
pub use error::{Error, FieldError, Kind, Result};
pub use id::*;
pub use identity::{Email, Presented, Principal, Way};
pub use observe::{NoObserver, Observer};
pub use page::{Cursor, Page, PageRequest};
pub use pmos::{Builder, Pmos};
pub use scope::{Actor, Channel, Role, WorkspaceScope};
pub use time::Timestamp;
