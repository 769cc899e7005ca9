use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FlowDetails, find, keep, remote, subject, view::details};
use crate::{
    Error, FlowId, Result, Role,
    action::{Action, ActionSpec, Context, Method},
    audit::Subject,
    flow::Host,
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
        let (mut row, engine) = find(cx, self.flow).await?;
        if let Host::Remote(_) = engine.host() {
            return remote::set_enabled(cx, row.id, &*engine, true).await;
        }
        if row.published.is_none() {
            return Err(not_published());
        }
        row.enabled = true;
        row.updated_at = cx.now();
        let base = row.revision;
        keep(cx, &row, base).await?;
        cx.tell("flow.enabled", &subject(row.id));
        details(cx, row, &*engine, false)
    }
}

/// What is not published has nothing that could become live.
pub(super) fn not_published() -> Error {
    Error::conflict("not_published", "Publish the automation first; what is not published cannot run.")
}
