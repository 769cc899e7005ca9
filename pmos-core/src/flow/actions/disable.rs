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

/// Stops the triggers of an automation; runs under way go on.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DisableFlow {
    /// Which.
    pub flow: FlowId,
}

#[async_trait]
impl Action for DisableFlow {
    const SPEC: ActionSpec =
        ActionSpec::write("flows.disable", Method::Post, "/flows/{flow}/disable").role(Role::Member).agents();
    type Output = FlowDetails;

    fn subject(&self) -> Option<Subject> {
        Some(subject(self.flow))
    }

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let (row, engine) = find(cx, self.flow).await?;
        hosting::set_enabled(cx, row, &*engine, false).await
    }
}
