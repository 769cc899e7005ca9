//! A provider as people see it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    Timestamp,
    engine::{EngineState, Fact},
    model::{Provider, ProviderKind},
};

/// A provider of models that the workspace connected. Its key is never shown.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ProviderView {
    /// The workspace's own name of it.
    pub provider: String,
    /// Which protocol it speaks.
    pub kind: ProviderKind,
    /// Where it is; none for the provider's own address.
    pub base_url: Option<String>,
    /// Whether a key is known.
    pub has_key: bool,
    /// How it stands.
    pub state: EngineState,
    /// What was found when it was last looked at.
    pub facts: Vec<Fact>,
    /// The model that is used unless another one is named.
    pub default_model: Option<String>,
    /// Whether its default model is that of the workspace.
    pub preferred: bool,
    /// The models that it said it has.
    pub models: Vec<String>,
    /// When it was connected or changed.
    pub updated_at: Timestamp,
}

impl From<Provider> for ProviderView {
    fn from(provider: Provider) -> Self {
        Self {
            has_key: provider.key.is_some(),
            provider: provider.name,
            kind: provider.kind,
            base_url: provider.base_url,
            state: provider.state,
            facts: provider.facts,
            default_model: provider.default_model,
            preferred: provider.preferred,
            models: provider.models,
            updated_at: provider.updated_at,
        }
    }
}
