//! Why a model gave no answer.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why a model gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The provider declined to answer this.
    Refusal,
    /// It took too long.
    Timeout,
    /// Asked too often.
    RateLimited,
    /// More than the model can read.
    ContextLength,
    /// The key is not taken.
    Auth,
    /// The account has nothing left to pay with.
    Billing,
    /// The provider has too much to do.
    Overloaded,
    /// It cannot be reached, or answers what cannot be read.
    Provider,
    /// There is no such model.
    UnknownModel,
    /// The request was not understood.
    Invalid,
}

impl FaultKind {
    /// Whether the same question may be answered a moment later.
    pub fn is_temporary(self) -> bool {
        matches!(self, Self::Timeout | Self::RateLimited | Self::Overloaded | Self::Provider)
    }
}

/// A model gave no answer.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct ModelFault {
    /// Why.
    pub kind: FaultKind,
    /// What happened, in words that may be shown to anybody in the workspace. It never has a key or an address in it.
    pub message: String,
    /// How long the provider asks to wait.
    pub retry_after: Option<Duration>,
    /// What the provider said, for the operator's log.
    pub detail: String,
}

impl ModelFault {
    /// A fault of this kind.
    pub fn new(kind: FaultKind, message: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { kind, message: message.into(), retry_after: None, detail: detail.into() }
    }
}
