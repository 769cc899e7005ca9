use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Error, Result, Role, RunId,
    action::{Action, ActionSpec, Context, Method},
    audit::Subject,
    run::{RunSummary, hosting},
};

/// Stops a run. A step at work is cut off; what it did at other services is not taken back.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelRun {
    /// Which.
    pub run: RunId,
}

#[async_trait]
impl Action for CancelRun {
    const SPEC: ActionSpec =
        ActionSpec::write("runs.cancel", Method::Post, "/runs/{run}/cancel").role(Role::Member).agents();
    type Output = RunSummary;

    fn subject(&self) -> Option<Subject> {
        Some(Subject::new("run", self.run))
    }

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let row = Context::found(cx.read().await?.runs().get(self.run).await?)?;
        if row.summary.status.is_final() {
            return Err(Error::conflict("run_ended", "The run has ended already."));
        }
        let engine = cx.engines().get(&row.summary.engine)?.clone();
        hosting::cancel(cx, &*engine, row).await
    }
}
