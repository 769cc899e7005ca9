//! What an act does to the world.

use schemars::JsonSchema;
use serde::Serialize;

/// What an act does to the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Changes only what is not live, and can be undone.
    Draft,
    /// Has a live effect.
    Write,
    /// Loses something, or acts outward in a way that cannot be taken back.
    Destructive,
}
