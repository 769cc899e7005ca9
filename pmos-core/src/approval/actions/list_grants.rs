use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    GrantId, Page, Result, Timestamp, UserId,
    action::{Action, ActionSpec, Context, Method},
    approval::Grant,
};

/// Lists approvals that hold for the same act again, newest first.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListGrants {
    /// The most items of a page.
    #[serde(default)]
    pub limit: Option<u32>,
    /// Where the page begins.
    #[serde(default)]
    pub cursor: Option<String>,
}

/// An approval that holds for exactly the same act again.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GrantView {
    /// Its id.
    pub id: GrantId,
    /// Whose assistant need not ask.
    pub person: UserId,
    /// The action.
    pub action: String,
    /// What it was given for, in a sentence.
    pub summary: String,
    /// Who gave it.
    pub by: UserId,
    /// When.
    pub created_at: Timestamp,
    /// Until when it holds.
    pub expires_at: Timestamp,
}

impl From<Grant> for GrantView {
    fn from(grant: Grant) -> Self {
        Self {
            id: grant.id,
            person: grant.requester,
            action: grant.action,
            summary: grant.summary,
            by: grant.by,
            created_at: grant.at,
            expires_at: grant.expires_at,
        }
    }
}

#[async_trait]
impl Action for ListGrants {
    const SPEC: ActionSpec = ActionSpec::read("grants.list", Method::Get, "/grants");
    type Output = Page<GrantView>;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let page = cx.page(self.limit, self.cursor.as_deref())?;
        let now = cx.now();
        let Page { items, next } = cx.read().await?.approvals().grants(now, &page).await?;
        Ok(Page { items: items.into_iter().map(GrantView::from).collect(), next })
    }
}
