use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kept_here;
use crate::{
    Email, InvitationId, Page, Result, Role, Timestamp, UserId,
    action::{Action, ActionSpec, Channels, Context, Method},
    workspace::Invitation,
};

/// Lists open invitations.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListInvitations {
    /// How many at most, 1 to 200.
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// An open invitation; its secret was shown once.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct InvitationEntry {
    /// Its id.
    pub id: InvitationId,
    /// Whom it is for.
    pub email: Email,
    /// The role it offers.
    pub role: Role,
    /// Who made it.
    pub invited_by: UserId,
    /// When it was made.
    pub created_at: Timestamp,
    /// After this it cannot be accepted.
    pub expires_at: Timestamp,
}

impl From<Invitation> for InvitationEntry {
    fn from(Invitation { id, email, role, invited_by, created_at, expires_at }: Invitation) -> Self {
        Self { id, email, role, invited_by, created_at, expires_at }
    }
}

#[async_trait]
impl Action for ListInvitations {
    const SPEC: ActionSpec =
        ActionSpec::read("invitations.list", Method::Get, "/invitations").channels(Channels::HANDS);
    type Output = Page<InvitationEntry>;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        kept_here(cx)?;
        let page = cx.page(self.limit, self.cursor.as_deref())?;
        Ok(cx.read().await?.invitations().list(&page).await?.map(InvitationEntry::from))
    }
}
