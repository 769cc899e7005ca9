//! The server as its callers see it.

mod account;
mod csrf;
mod documents;
mod headers;
mod hooks;
mod limits;
mod operators;
mod problems;
mod process;
mod stream;
mod support;
mod tenancy;
mod ui;
