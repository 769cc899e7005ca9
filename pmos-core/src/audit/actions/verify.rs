use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Result,
    action::{Action, ActionSpec, Context, Method},
    audit::{AuditVerdict, proof::prove},
};

/// Proves that nothing in the workspace's audit chain was changed, taken out or put in afterwards.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyAudit {}

#[async_trait]
impl Action for VerifyAudit {
    const SPEC: ActionSpec = ActionSpec::read("audit.verify", Method::Get, "/audit/verify");
    type Output = AuditVerdict;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let workspace = cx.scope()?.workspace();
        prove(cx.read().await?.audit(), Some(workspace)).await
    }
}

/// Proves the same of the chain of the instance: sign-ins, sign-ups, workspaces and limits.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyInstanceAudit {}

#[async_trait]
impl Action for VerifyInstanceAudit {
    const SPEC: ActionSpec =
        ActionSpec::read("admin.audit.verify", Method::Get, "/api/v1/admin/audit/verify").instance();
    type Output = AuditVerdict;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        prove(cx.system().await?.audit(), None).await
    }
}
