use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::invited::{by_an_admin, find, open};
use super::kept_here;
use crate::{
    Email, Error, Result, Role, WorkspaceId,
    action::{Action, ActionSpec, Context, Intent, Method},
    vault::Secret,
    workspace::Label,
};

/// Shows where an invitation leads.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShowInvitation {
    /// The secret part of the link.
    pub token: Secret,
}

/// What the holder of an invitation sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct InvitationView {
    /// Where it leads.
    pub workspace: InvitedTo,
    /// What one may do there.
    pub role: Role,
    /// Who made it.
    pub invited_by: Option<Label>,
    /// Only the account with this address may accept it.
    pub email: Email,
    /// Whether there is such an account.
    pub account_exists: bool,
}

/// The workspace an invitation leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct InvitedTo {
    /// Its id.
    pub id: WorkspaceId,
    /// What people read.
    pub name: Label,
}

#[async_trait]
impl Action for ShowInvitation {
    const SPEC: ActionSpec =
        ActionSpec::read("invitations.show", Method::Get, "/api/v1/invitations/{token}").person().anyone();
    type Output = InvitationView;

    async fn run(self, cx: &mut Context<'_>) -> Result<InvitationView> {
        kept_here(cx)?;
        let (workspace, id) = find(cx.services().store.directory(), &self.token).await?;
        let now = cx.now();
        let mut unit = cx.elsewhere(workspace, "show an invitation").await?;
        let invitation = open(unit.invitations(), id, now).await?;
        drop(unit);
        let outward = cx.outward(Intent::none()).await?;
        by_an_admin(&outward, &invitation, workspace).await?;
        let profile = outward.workspaces().profile(workspace).await?.ok_or_else(Error::not_found)?;
        let inviter = outward.identity().people(&[invitation.invited_by]).await?.pop();
        Ok(InvitationView {
            workspace: InvitedTo { id: workspace, name: profile.name },
            role: invitation.role,
            invited_by: inviter.map(|person| person.name),
            account_exists: outward.identity().by_email(&invitation.email).await?.is_some(),
            email: invitation.email,
        })
    }
}
