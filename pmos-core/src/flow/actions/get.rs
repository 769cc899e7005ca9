use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FlowDetails, find};
use crate::{
    FlowId, Result, Role,
    action::{Action, ActionSpec, Context, Method},
};

/// Shows an automation with its draft.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetFlow {
    /// Which.
    pub flow: FlowId,
}

#[async_trait]
impl Action for GetFlow {
    const SPEC: ActionSpec = ActionSpec::read("flows.get", Method::Get, "/flows/{flow}").role(Role::Viewer).agents();
    type Output = FlowDetails;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let (row, engine) = find(cx, self.flow).await?;
        FlowDetails::of(cx, row, &*engine, false)
    }
}
