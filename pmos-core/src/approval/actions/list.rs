use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ApprovalView;
use crate::{
    Page, Result, Role,
    action::{Action, ActionSpec, Context, Method},
    approval::ApprovalStatus,
    store::ApprovalFilter,
};

/// Lists requests for approval, newest first: your own, and those that you may decide.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListApprovals {
    /// As far as this.
    #[serde(default)]
    pub status: Option<ApprovalStatus>,
    /// The most items of a page.
    #[serde(default)]
    pub limit: Option<u32>,
    /// Where the page begins.
    #[serde(default)]
    pub cursor: Option<String>,
}

#[async_trait]
impl Action for ListApprovals {
    const SPEC: ActionSpec = ActionSpec::read("approvals.list", Method::Get, "/approvals").role(Role::Member);
    type Output = Page<ApprovalView>;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let page = cx.page(self.limit, self.cursor.as_deref())?;
        let policy = cx.read().await?.approvals().policy().await?.policy;
        let sees_all = policy.four_eyes || cx.scope()?.role() >= Role::WorkspaceAdmin;
        let requester = if sees_all { None } else { Some(cx.principal().owner()) };
        let filter = ApprovalFilter { status: self.status, requester };
        let Page { items, next } = cx.read().await?.approvals().list(filter, &page).await?;
        let items = items.into_iter().map(|approval| ApprovalView::of(cx, approval, &policy)).collect::<Result<_>>()?;
        Ok(Page { items, next })
    }
}
