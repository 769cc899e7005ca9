use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::remote;
use crate::{
    ConnectionId, Error, Result, Role,
    action::{Action, ActionSpec, Channels, Context, Intent, Method},
    vault::{AssociatedData, Credential},
};

/// Tries a stored credential: asks a service whether it takes it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestConnection {
    /// Which.
    pub connection: ConnectionId,
    /// What to ask, by GET; the start page of the first host when left out.
    #[serde(default)]
    pub url: Option<String>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TestResult {
    /// Whether the service took it; none when that cannot be told.
    pub ok: Option<bool>,
    /// What happened and what to do.
    pub message: String,
}

#[async_trait]
impl Action for TestConnection {
    const SPEC: ActionSpec = ActionSpec::read("connections.test", Method::Post, "/connections/{connection}/test")
        .role(Role::Member)
        .channels(Channels::PROGRAMS);
    type Output = TestResult;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let scope = cx.scope()?;
        let Some(sealed) = cx.read().await?.connections().sealed(self.connection).await? else {
            return remote::test(cx, self.connection).await;
        };
        let id = self.connection.to_string();
        let place = AssociatedData { workspace: scope.workspace(), kind: "connection", id: &id };
        let known = sealed.connection;
        let url = match (self.url, known.hosts.first()) {
            (Some(url), _) => url,
            (None, Some(host)) => format!("https://{host}/"),
            (None, None) => return Err(Error::invalid("url", "say what to ask")),
        };
        let mut outward = cx.outward(Intent::none()).await?;
        let secret = outward.open(&scope, place, &sealed.secret).await?;
        let credential = Credential { kind: known.kind, name: known.secret_name, secret, hosts: known.hosts };
        Ok(outward.prober()?.probe(&url, credential).await)
    }
}
