use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{find, remote, subject};
use crate::{
    Error, FlowId, Result, Role,
    action::{Action, ActionSpec, Context, Method},
    audit::Subject,
    flow::Host,
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
        if let Host::Remote(_) = engine.host() {
            remote::delete(cx, row.id, &*engine).await?;
        }
        let now = cx.now();
        if !cx.unit().await?.flows().delete(self.flow, now).await? {
            return Err(Error::not_found());
        }
        cx.tell("flow.deleted", &subject(self.flow));
        Ok(())
    }
}
