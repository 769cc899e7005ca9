use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ConnectionView, SecretInput};
use crate::{
    Result,
    action::{Action, ActionSpec, Channels, Context, Method},
    connection::hosting,
    vault::HostBinding,
    workspace::Label,
};

/// Stores a credential for an external service.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateConnection {
    /// What people read.
    pub name: Label,
    /// How it is shown to the service: `bearer`, `basic`, `header`, `query`; for a remote engine its own name of the
    /// kind, as pieces say it.
    pub kind: String,
    /// The secret; it is never shown again.
    pub secret: SecretInput,
    /// The only hosts it may be sent to, as `api.example.com` or `api.example.com:8443`; a remote engine sends its
    /// credentials where their kind says.
    #[serde(default)]
    #[schemars(length(max = 20))]
    pub hosts: Vec<HostBinding>,
    /// The engine that keeps it; `embedded` when left out.
    #[serde(default)]
    pub engine: Option<String>,
}

#[async_trait]
impl Action for CreateConnection {
    const SPEC: ActionSpec =
        ActionSpec::write("connections.create", Method::Post, "/connections").channels(Channels::PROGRAMS).created();
    type Output = ConnectionView;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        hosting::create(cx, self).await
    }
}
