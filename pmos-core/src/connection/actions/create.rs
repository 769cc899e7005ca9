use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    ConnectionView, SecretInput, remote, subject,
    view::{EMBEDDED, view},
};
use crate::{
    Error, Result,
    action::{Action, ActionSpec, Channels, Context, Method},
    connection::{Connection, SealedConnection},
    flow::Host,
    vault::{CredentialKind, HostBinding},
    workspace::Label,
};

/// Stores a credential for a service outside.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateConnection {
    /// What people read.
    pub name: Label,
    /// How it is shown to the service: `bearer`, `basic`, `header`, `query`; for an engine outside its own name of the
    /// kind, as pieces say it.
    pub kind: String,
    /// The secret; it is never shown again.
    pub secret: SecretInput,
    /// The only hosts it may be sent to, as `api.example.com` or `api.example.com:8443`; an engine outside sends its
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
        let engine = self.engine.as_deref().unwrap_or(EMBEDDED);
        let engine = cx.engines().get(engine)?.clone();
        if let Host::Remote(_) = engine.host() {
            if !self.hosts.is_empty() {
                return Err(Error::invalid("hosts", "is not for connections that an engine outside keeps"));
            }
            return remote::create(cx, &*engine, self.kind, self.name, self.secret.values()?).await;
        }
        let kind: CredentialKind =
            self.kind.parse().map_err(|_| Error::invalid("kind", "choose one of: bearer, basic, header, query"))?;
        if !(1..=20).contains(&self.hosts.len()) {
            return Err(Error::invalid("hosts", "name 1 to 20 hosts that may see the secret, as api.example.com"));
        }
        let id = cx.new_id()?;
        let parts = self.secret.parts(kind)?;
        let secret = parts.seal(cx, id).await?;
        let connection = Connection {
            id,
            name: self.name,
            kind,
            hosts: self.hosts,
            last_four: parts.last_four(),
            secret_name: parts.name,
            created_at: cx.now(),
            updated_at: cx.now(),
        };
        let sealed = SealedConnection { connection: connection.clone(), secret };
        cx.write().await?.connections().insert(&sealed).await?;
        cx.about(subject(id));
        cx.tell("connection.changed", &subject(id));
        view(cx, connection).await
    }
}
