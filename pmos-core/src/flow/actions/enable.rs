use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FlowDetails, find, subject};
use crate::{
    FlowId, Result, Role,
    action::{Action, ActionSpec, Context, Method},
    audit::Subject,
    flow::hosting,
};

/// Makes the triggers of a published automation live.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnableFlow {
    /// Which.
    pub flow: FlowId,
}

#[async_trait]
impl Action for EnableFlow {
    const SPEC: ActionSpec =
        ActionSpec::write("flows.enable", Method::Post, "/flows/{flow}/enable").role(Role::Member).agents();
    type Output = FlowDetails;

    fn subject(&self) -> Option<Subject> {
        Some(subject(self.flow))
    }

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let (row, engine) = find(cx, self.flow).await?;
        hosting::set_enabled(cx, row, &*engine, true).await
    }
}
