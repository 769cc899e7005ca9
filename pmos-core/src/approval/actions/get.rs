use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ApprovalView, view::may_see};
use crate::{
    ApprovalId, Error, Result, Role,
    action::{Action, ActionSpec, Context, Method},
};

/// Shows a request for approval with what it will do and touch.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetApproval {
    /// Which.
    pub approval: ApprovalId,
}

#[async_trait]
impl Action for GetApproval {
    const SPEC: ActionSpec = ActionSpec::read("approvals.get", Method::Get, "/approvals/{approval}").role(Role::Member);
    type Output = ApprovalView;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let unit = cx.read().await?;
        let policy = unit.approvals().policy().await?.policy;
        let approval = Context::found(unit.approvals().get(self.approval).await?)?;
        if !may_see(cx, &approval, &policy)? {
            return Err(Error::not_found());
        }
        ApprovalView::of(cx, approval, &policy)
    }
}
