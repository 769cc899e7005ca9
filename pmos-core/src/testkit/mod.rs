//! Public conformance suites and the means to run them. Behind the feature `testkit`, exempt from semantic versioning.

mod scope;

pub use scope::scope;
