use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Result, Role, RunId,
    action::{Action, ActionSpec, Context, Method},
    run::{Run, hosting},
};

/// Shows a run with its steps.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetRun {
    /// Which.
    pub run: RunId,
}

#[async_trait]
impl Action for GetRun {
    const SPEC: ActionSpec =
        ActionSpec::read("runs.get", Method::Get, "/runs/{run}").role(Role::Viewer).agents().refreshes();
    type Output = Run;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let row = Context::found(cx.read().await?.runs().get(self.run).await?)?;
        hosting::details(cx, row).await
    }
}
