use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::remote;
use crate::{
    Error, Result, Role, RunId,
    action::{Action, ActionSpec, Context, Method},
    audit::Subject,
    flow::Host,
    run::{RunState, RunStatus, RunSummary},
};

/// Stops a run. A step at work is cut off; what it did outside is not taken back.
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
        let mut summary = Context::found(cx.read().await?.runs().get(self.run).await?)?.summary;
        if summary.status.is_final() {
            return Err(Error::conflict("run_ended", "The run has ended already."));
        }
        let engine = cx.engines().get(&summary.engine)?;
        if let Host::Remote(_) = engine.host() {
            remote::cancel(cx, &**engine, self.run).await?;
        }
        if !cx.pmos().runs().is_active(self.run) {
            let now = cx.now();
            let state = RunState {
                status: RunStatus::Cancelled,
                finished_at: Some(now),
                duration_us: None,
                error: None,
                result: None,
            };
            if cx.write().await?.runs().settle(self.run, &state).await? {
                summary.status = RunStatus::Cancelled;
                summary.finished_at = Some(now);
                cx.tell("run.finished", &Subject::new("run", self.run));
            }
        }
        cx.afterwards(move |pmos| {
            pmos.runs().cancel(self.run);
        });
        Ok(summary)
    }
}
