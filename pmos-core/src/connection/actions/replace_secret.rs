use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ConnectionView, SecretInput, subject};
use crate::{
    ConnectionId, Result,
    action::{Action, ActionSpec, Channels, Context, Method},
    audit::Subject,
    connection::hosting,
};

/// Gives a stored credential a new secret.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplaceSecret {
    /// Which.
    pub connection: ConnectionId,
    /// The new secret; it is never shown again.
    pub secret: SecretInput,
}

#[async_trait]
impl Action for ReplaceSecret {
    const SPEC: ActionSpec =
        ActionSpec::write("connections.replace_secret", Method::Put, "/connections/{connection}/secret")
            .channels(Channels::PROGRAMS);
    type Output = ConnectionView;

    fn subject(&self) -> Option<Subject> {
        Some(subject(self.connection))
    }

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        hosting::replace_secret(cx, self.connection, self.secret).await
    }
}
