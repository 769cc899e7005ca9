//! The n8n adapter through its public doors. No server is needed: what is tried here is pure.

#![cfg(feature = "n8n")]

mod conformance;
mod corpus;
mod support;
