use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::start::{Start, start};
use crate::{
    Error, Result, Role, RunId,
    action::{Action, ActionSpec, Context, Method},
    audit::Subject,
    run::{RunSummary, TriggerKind, hosting},
};

/// Repeats a run that has ended.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RetryRun {
    /// Which.
    pub run: RunId,
    /// Where it begins again.
    pub from: RetryFrom,
}

/// Where a repeated run begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RetryFrom {
    /// At the step that failed; what was done before is not done again.
    FailedStep,
    /// At the beginning, with what the trigger received, by the version that is live now.
    Start,
}

#[async_trait]
impl Action for RetryRun {
    const SPEC: ActionSpec =
        ActionSpec::write("runs.retry", Method::Post, "/runs/{run}/retry").role(Role::Member).agents().created();
    type Output = RunSummary;

    fn subject(&self) -> Option<Subject> {
        Some(Subject::new("run", self.run))
    }

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let row = Context::found(cx.read().await?.runs().get(self.run).await?)?;
        let before = row.summary;
        if !before.status.is_final() {
            return Err(Error::conflict(
                "run_at_work",
                "The run is still at work. Wait for its end, or stop it first.",
            ));
        }
        let engine = cx.engines().get(&before.engine)?.clone();
        if self.from == RetryFrom::Start {
            let records = cx.read().await?.runs().records(self.run).await?;
            let received = records.into_iter().next().and_then(|record| record.output).or(row.input);
            let input: Option<Value> = received
                .map(|text| serde_json::from_str(text.get()))
                .transpose()
                .map_err(|cause| Error::internal("read a run's input").because(cause))?;
            if input.is_none() && before.trigger == TriggerKind::Webhook {
                let message = "Nothing was kept of the delivery that was refused; have it sent again.";
                return Err(Error::conflict("nothing_received", message));
            }
            return start(cx, Start { flow: before.flow, input, draft: false, trigger: TriggerKind::Retry }).await;
        }
        let summary = RunSummary {
            started_by: Some(cx.actor().to_string()),
            ..RunSummary::queued(
                cx.new_id()?,
                before.flow,
                before.engine.clone(),
                before.version,
                TriggerKind::Retry,
                cx.now(),
            )
        };
        hosting::retry(cx, &*engine, before, summary).await
    }
}
