#![doc = include_str!("README.md")]

mod check;
mod dialect;
mod document;
mod expression;
mod lens;
mod mapping;
mod node;
mod versions;

pub use document::{Link, N8nDocument};
pub use lens::{CAPABILITIES, N8nLens, descriptor};
pub use versions::{KnownVersions, TypeVersions};
