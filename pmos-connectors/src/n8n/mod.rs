#![doc = include_str!("README.md")]

mod access;
pub mod catalog;
mod check;
mod client;
mod config;
mod dialect;
mod document;
mod engine;
mod expression;
mod host;
mod lens;
mod mapping;
mod node;
mod versions;

pub use client::ENDPOINTS;
pub use config::{Instance, Limits, N8nConfig};
pub use document::{Link, N8nDocument};
pub use engine::N8nEngine;
pub use host::N8nHost;
pub use lens::{CAPABILITIES, N8nLens, descriptor};
pub use versions::{KnownVersions, TypeVersions};
