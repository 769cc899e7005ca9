use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FlowDetails, find};
use crate::{
    FlowId, Result, Role,
    action::{Action, ActionSpec, Context, Method},
    flow::hosting,
    workspace::Label,
};

/// Makes a copy of an automation's draft; the copy is not published.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DuplicateFlow {
    /// Which.
    pub flow: FlowId,
}

#[async_trait]
impl Action for DuplicateFlow {
    const SPEC: ActionSpec = ActionSpec::draft("flows.duplicate", Method::Post, "/flows/{flow}/duplicate")
        .role(Role::Member)
        .agents()
        .created();
    type Output = FlowDetails;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let (row, engine) = find(cx, self.flow).await?;
        let document = engine.lens().duplicate(&row.document)?;
        hosting::create(cx, &*engine, copy_of(&row.name), document).await
    }
}

fn copy_of(name: &Label) -> Label {
    const SUFFIX: &str = " (copy)";
    let kept: String = name.as_str().chars().take(Label::MOST - SUFFIX.len()).collect();
    format!("{kept}{SUFFIX}").parse().unwrap_or_else(|_| name.clone())
}
