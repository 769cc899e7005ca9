use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::remote;
use crate::{
    Result, Role, RunId,
    action::{Action, ActionSpec, Context, Method},
    flow::Host,
    run::{Run, steps_of},
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
        let unit = cx.read().await?;
        let row = Context::found(unit.runs().get(self.run).await?)?;
        let records = unit.runs().records(self.run).await?;
        if records.is_empty()
            && let Ok(engine) = cx.engines().get(&row.summary.engine)
            && let Host::Remote(_) = engine.host()
        {
            return remote::details(cx, &**engine, row.summary).await;
        }
        Ok(Run { summary: row.summary, steps: steps_of(records), note: None })
    }
}
