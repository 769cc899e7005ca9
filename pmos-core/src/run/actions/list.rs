use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    FlowId, Page, Result, Role, Timestamp,
    action::{Action, ActionSpec, Context, Method},
    run::{RunStatus, RunSummary},
    store::RunFilter,
};

/// Lists runs, newest first.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListRuns {
    /// Of this automation.
    pub flow: Option<FlowId>,
    /// Of this engine.
    pub engine: Option<String>,
    /// As far as this.
    pub status: Option<RunStatus>,
    /// With this text in the error, the result or the automation's name.
    pub q: Option<String>,
    /// Begun at or after.
    pub since: Option<Timestamp>,
    /// Begun before.
    pub until: Option<Timestamp>,
    /// How many at most, 1 to 200.
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

#[async_trait]
impl Action for ListRuns {
    const SPEC: ActionSpec = ActionSpec::read("runs.list", Method::Get, "/runs").role(Role::Viewer).agents();
    type Output = Page<RunSummary>;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let page = cx.page(self.limit, self.cursor.as_deref())?;
        let filter = RunFilter {
            flow: self.flow,
            engine: self.engine,
            status: self.status,
            text: self.q,
            since: self.since,
            until: self.until,
        };
        cx.read().await?.runs().list(&filter, &page).await
    }
}
