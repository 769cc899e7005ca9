//! The embedded engine, seen from outside.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says what went wrong by failing")]

mod conformance;
mod order;
mod running;
