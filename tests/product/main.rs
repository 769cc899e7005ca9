//! The product as its users meet it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by a panic")]
#![allow(
    clippy::needless_pass_by_value,
    clippy::collapsible_if,
    clippy::format_collect,
    reason = "tests read better so"
)]

mod approvals;
mod assembly;
mod audit;
mod chat;
mod embedding;
mod fuzz;
mod ids;
mod kept;
mod leaks;
mod local;
mod matrix;
mod membership;
#[cfg(feature = "n8n")]
mod n8n;
mod nodes;
mod overload;
mod own_actions;
mod own_steps;
mod own_workspaces;
mod races;
mod reads;
mod remote;
mod secrets;
mod setup;
mod starts;
mod tampering;
mod town;
mod values;
mod versions;
mod waits;
mod web;
