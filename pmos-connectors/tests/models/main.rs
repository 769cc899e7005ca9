//! The adapter of models, over HTTP against a server that answers by script with what providers send.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says what went wrong by failing")]

mod answers;
mod broken;
mod faults;
mod questions;
mod support;
