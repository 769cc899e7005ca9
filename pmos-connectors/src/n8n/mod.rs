#![doc = include_str!("README.md")]

mod access;
mod client;
mod config;
mod engine;
mod host;

pub use client::{ENDPOINTS, Endpoint};
pub use config::{Instance, Limits, N8nConfig};
pub use engine::N8nEngine;
pub use host::N8nHost;
