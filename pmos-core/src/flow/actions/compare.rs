use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{find, version};
use crate::{
    FlowId, Page, Result, Role,
    action::{Action, ActionSpec, Context, Method},
    flow::FlowEdit,
};

/// Lists what makes the draft of an automation different from one of its published versions: the edits that lead from the
/// version to the draft.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CompareVersion {
    /// Which automation.
    pub flow: FlowId,
    /// The number of the version.
    pub version: u32,
}

#[async_trait]
impl Action for CompareVersion {
    const SPEC: ActionSpec = ActionSpec::read("flows.compare", Method::Get, "/flows/{flow}/versions/{version}/changes")
        .role(Role::Viewer)
        .agents();
    type Output = Page<FlowEdit>;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let (row, engine) = find(cx, self.flow).await?;
        let then = version(cx, self.flow, self.version).await?;
        let lens = engine.lens();
        Ok(Page::whole(lens.diff(&lens.view(&then)?, &lens.view(&row.document)?)))
    }
}
