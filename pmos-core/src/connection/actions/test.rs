use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    ConnectionId, Result, Role,
    action::{Action, ActionSpec, Channels, Context, Method},
    connection::hosting,
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
        hosting::test(cx, self.connection, self.url).await
    }
}
