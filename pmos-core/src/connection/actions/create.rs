use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ConnectionView, SecretInput, subject, view::view};
use crate::{
    Error, Result,
    action::{Action, ActionSpec, Callers, Cx, Method},
    connection::{Connection, SealedConnection},
    vault::{CredentialKind, HostPattern},
    workspace::Label,
};

/// Stores a credential for a service outside.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateConnection {
    /// What people read.
    pub name: Label,
    /// How it is shown to the service.
    pub kind: CredentialKind,
    /// The secret; it is never shown again.
    #[serde(deserialize_with = "super::secret::read")]
    pub secret: SecretInput,
    /// The only hosts it may be sent to, as `api.example.com` or `api.example.com:8443`.
    #[schemars(length(min = 1, max = 20))]
    pub hosts: Vec<HostPattern>,
    /// The engine that keeps it; `embedded` when left out.
    #[serde(default)]
    pub engine: Option<String>,
}

#[async_trait]
impl Action for CreateConnection {
    const SPEC: ActionSpec =
        ActionSpec::write("connections.create", Method::Post, "/connections").callers(Callers::PROGRAMS).created();
    type Output = ConnectionView;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Self::Output> {
        if !(1..=20).contains(&self.hosts.len()) {
            return Err(Error::invalid("hosts", "name 1 to 20 hosts that may see the secret, as api.example.com"));
        }
        if self.engine.is_some_and(|engine| engine != "embedded") {
            return Err(Error::invalid("engine", "only the embedded engine keeps connections here"));
        }
        let id = cx.new_id()?;
        let parts = self.secret.parts(self.kind)?;
        let secret = parts.seal(cx, id).await?;
        let connection = Connection {
            id,
            name: self.name,
            kind: self.kind,
            hosts: self.hosts,
            last_four: parts.last_four(),
            secret_name: parts.name,
            created_at: cx.now(),
            updated_at: cx.now(),
        };
        let sealed = SealedConnection { connection: connection.clone(), secret };
        cx.unit().await?.connections().insert(&sealed).await?;
        cx.about(subject(id));
        cx.tell("connection.changed", &subject(id));
        view(cx, connection).await
    }
}
