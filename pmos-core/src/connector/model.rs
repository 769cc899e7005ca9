//! What a connector is and what its tools do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::action::Effect;

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

/// One fact about a connection to a service, as shown in the wizard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fact {
    /// As `reachable` or `key_valid`.
    pub name: String,
    /// Whether it holds; none when that cannot be told yet.
    pub ok: Option<bool>,
    /// How it stands and what to do, in plain words.
    pub message: String,
}
