//! Public conformance suites and the means to run them. Behind the feature `testkit`, exempt from semantic versioning.
//!
//! | you wrote | run |
//! |---|---|
//! | a [`Store`](crate::store::Store) | [`store_suite!`](crate::store_suite), the cases of [`store`] |
//! | a [`FlowEngine`](crate::flow::FlowEngine) | the macro of [`engine`] |
//! | a [`Runner`](crate::run::Runner), which such an engine has when it runs flows itself | [`runner_suite!`](crate::runner_suite), the cases of [`runner`] |
//!
//! [`Fixture`] fills a store with workspaces, people, flows and runs; [`TestClock`] holds time and randomness still;
//! [`scope()`] makes the right to act that otherwise only `Pmos::enter` gives out. Every port has a mock beside it, as
//! [`MockIdentity`](crate::identity::MockIdentity) or those in [`mock`].

#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a test fails by a panic")]

mod clock;
pub mod engine;
pub mod fixture;
mod gate;
pub mod mock;
mod model;
pub mod runner;
mod scope;
pub mod store;

pub use clock::TestClock;
pub use fixture::Fixture;
pub use gate::ParkRisky;
pub use model::{ScriptedAnswer, ScriptedModel};
pub use scope::scope;
