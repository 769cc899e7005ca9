//! Public conformance suites: what an implementation of a port must do, as tests that anybody can run.

pub mod engine;
