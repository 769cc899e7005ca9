use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{find, subject};
use crate::{
    FlowId, Result, Role,
    action::{Action, ActionSpec, Context, Method},
    audit::Subject,
    flow::hosting,
};

/// Deletes an automation. Its runs stay readable; its last document is kept for 30 days.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteFlow {
    /// Which.
    pub flow: FlowId,
}

#[async_trait]
impl Action for DeleteFlow {
    const SPEC: ActionSpec =
        ActionSpec::destroy("flows.delete", Method::Delete, "/flows/{flow}").role(Role::Member).agents().empty();
    type Output = ();

    fn subject(&self) -> Option<Subject> {
        Some(subject(self.flow))
    }

    async fn run(self, cx: &mut Context<'_>) -> Result<()> {
        let (row, engine) = find(cx, self.flow).await?;
        hosting::delete(cx, &row, &*engine).await?;
        cx.tell("flow.deleted", &subject(self.flow));
        Ok(())
    }
}
