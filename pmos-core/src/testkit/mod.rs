//! Public conformance suites: what an implementation of a port must do, as tests that anybody can run, and the means to
//! run them. Behind the feature `testkit`, exempt from semantic versioning.

pub mod engine;
mod scope;

pub use scope::scope;
