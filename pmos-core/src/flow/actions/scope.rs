use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::find;
use crate::{
    FlowId, Page, Result, Role,
    action::{Action, ActionSpec, Context, Method},
    flow::{Datum, StepId},
};

/// Lists what expressions of a step may refer to: what the check of the draft lets pass, and nothing else.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetScope {
    /// Which automation.
    pub flow: FlowId,
    /// Which step.
    pub step: StepId,
}

#[async_trait]
impl Action for GetScope {
    const SPEC: ActionSpec =
        ActionSpec::read("flows.scope", Method::Get, "/flows/{flow}/steps/{step}/scope").role(Role::Viewer).agents();
    type Output = Page<Datum>;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let (row, engine) = find(cx, self.flow).await?;
        Ok(Page::whole(engine.lens().scope(&row.document, &self.step)?))
    }
}
