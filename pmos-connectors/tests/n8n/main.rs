//! The n8n adapter through its public entrances: the lens over a corpus of workflows, and the host against a server made by
//! hand, with the traps and misbehaviours of real ones, and against the real one where it is installed.

#![cfg(feature = "n8n")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by a panic")]

#[macro_use]
mod behaviours;
mod broken;
mod conformance;
mod corpus;
#[allow(dead_code, unused_imports, reason = "tests of the whole product need more of it")]
mod double;
mod kept;
mod live;
#[allow(dead_code, reason = "tests of the whole product need more of it")]
mod server;
mod steps;
mod support;
mod traps;
#[path = "../upstream/mod.rs"]
mod upstream;
mod world;
