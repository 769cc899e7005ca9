//! The server as its callers see it.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod account;
mod answers;
mod bad_input;
mod bytes;
mod csrf;
mod documents;
mod headers;
mod hooks;
mod host;
mod limits;
mod manners;
mod operators;
mod problems;
mod process;
mod refusals;
mod repeated;
mod stream;
mod support;
mod tenancy;
mod ui;
