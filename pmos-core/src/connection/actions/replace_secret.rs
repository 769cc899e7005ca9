use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ConnectionView, SecretInput, remote, subject, view::view};
use crate::{
    ConnectionId, Result,
    action::{Action, ActionSpec, Channels, Context, Method},
    audit::Subject,
    connection::SealedConnection,
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
        let Some(known) = cx.read().await?.connections().get(self.connection).await? else {
            return remote::change(cx, self.connection, None, Some(&self.secret.values()?)).await;
        };
        let parts = self.secret.parts(known.kind)?;
        let secret = parts.seal(cx, self.connection).await?;
        let mut connection = Context::found(cx.write().await?.connections().get(self.connection).await?)?;
        connection.last_four = parts.last_four();
        connection.secret_name = parts.name;
        connection.updated_at = cx.now();
        let sealed = SealedConnection { connection: connection.clone(), secret };
        cx.write().await?.connections().update(&sealed).await?;
        cx.tell("connection.changed", &subject(self.connection));
        view(cx, connection).await
    }
}
