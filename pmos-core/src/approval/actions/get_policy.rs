use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Result, Role,
    action::{Action, ActionSpec, Context, Method},
    approval::ApprovalPolicy,
    store::KeptPolicy,
};

/// Shows what has to be approved in the workspace.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetPolicy {}

/// What has to be approved in a workspace.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PolicyView {
    /// Counts its changes, from 0.
    pub revision: String,
    /// The rules.
    #[serde(flatten)]
    pub policy: ApprovalPolicy,
}

impl From<KeptPolicy> for PolicyView {
    fn from(KeptPolicy { revision, policy }: KeptPolicy) -> Self {
        Self { revision: revision.to_string(), policy }
    }
}

#[async_trait]
impl Action for GetPolicy {
    const SPEC: ActionSpec =
        ActionSpec::read("approvals.policy.get", Method::Get, "/approvals/policy").role(Role::Member);
    type Output = PolicyView;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        Ok(cx.read().await?.approvals().policy().await?.into())
    }
}
