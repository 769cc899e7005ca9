//! The real program, killed without warning: what it answered is true when it comes back.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod admin;
mod backup;
mod bootstrap;
mod canaries;
mod faults;
mod log;
mod order;
mod person;
mod postgres;
mod program;
mod service;
mod standby;
#[cfg(feature = "otlp")]
mod traces;
mod writes;
