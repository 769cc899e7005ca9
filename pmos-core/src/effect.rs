//! What an act does to the world.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an act does to the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
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

impl Effect {
    /// The name used on the wire and in stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Draft => "draft",
            Self::Write => "write",
            Self::Destructive => "destructive",
        }
    }
}

impl std::str::FromStr for Effect {
    type Err = serde::de::value::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::deserialize(serde::de::value::StrDeserializer::new(text))
    }
}
