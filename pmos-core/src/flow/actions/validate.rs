use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::find;
use crate::{
    FlowId, Result, Role,
    action::{Action, ActionSpec, Context, Method},
    flow::Issue,
};

/// Says what keeps the draft of an automation from being published.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValidateFlow {
    /// Which.
    pub flow: FlowId,
}

/// Whether a draft may be published.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Validity {
    /// Whether it may.
    pub valid: bool,
    /// What keeps it from that.
    pub issues: Vec<Issue>,
}

#[async_trait]
impl Action for ValidateFlow {
    const SPEC: ActionSpec =
        ActionSpec::read("flows.validate", Method::Get, "/flows/{flow}/validate").role(Role::Viewer).agents();
    type Output = Validity;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let (row, engine) = find(cx, self.flow).await?;
        let issues = engine.lens().check(&row.document);
        Ok(Validity { valid: issues.is_empty(), issues })
    }
}
