//! What a connector is and what its tools do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::effect::Effect;

/// Who a connector is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConnectorDescriptor {
    /// A slug, as `bcgpt`.
    pub name: String,
    /// What people read.
    pub title: String,
}

/// Something a connector can do.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Tool {
    /// Its name, unique in the connector.
    pub name: String,
    /// What it does.
    pub description: String,
    /// The JSON schema of its arguments.
    pub input: Value,
    /// What it does to the world. A connector that does not know says [`Effect::Destructive`].
    pub effect: Effect,
}
