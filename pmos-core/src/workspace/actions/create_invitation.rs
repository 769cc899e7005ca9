use std::time::Duration;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kept_here;
use crate::{
    Email, Error, InvitationId, Result, Role, Timestamp,
    action::{Action, ActionSpec, Channels, Context, Intent, Method},
    audit::Subject,
    identity::TokenHash,
    quota::{QuotaKey, exceeded},
    workspace::Invitation,
};

/// How long an invitation is open.
const OPEN: Duration = Duration::from_hours(168);
/// How many invitations of one workspace may be open, whatever its quota.
const MOST: u64 = 500;

/// Invites a person into the workspace. An invitation that this address had here before ends.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateInvitation {
    /// Whom.
    pub email: Email,
    /// What they may do there.
    pub role: Role,
}

/// A new invitation with its link, which is shown this once.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct CreatedInvitation {
    /// Its id.
    pub id: InvitationId,
    /// Whom it is for.
    pub email: Email,
    /// The role it offers.
    pub role: Role,
    /// What to send them.
    pub link: String,
    /// After this it cannot be accepted.
    pub expires_at: Timestamp,
}

#[async_trait]
impl Action for CreateInvitation {
    const SPEC: ActionSpec = ActionSpec::write("invitations.create", Method::Post, "/invitations")
        .channels(Channels::HANDS)
        .shown_once()
        .created();
    type Output = CreatedInvitation;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        kept_here(cx)?;
        let invited_by = cx.principal().owner();
        let known = cx.outward(Intent::none()).await?.identity().by_email(&self.email).await?;
        let unit = cx.write().await?;
        unit.invitations().remove_for(&self.email).await?;
        let limit = unit.quotas().get(QuotaKey::Members).await?;
        let open = unit.invitations().count().await?;
        let used = unit.members().count(None).await? + open;
        if open >= MOST || limit.is_some_and(|limit| used >= limit) {
            return Err(exceeded(QuotaKey::Members));
        }
        if let Some(known) = known
            && unit.members().get(known.id).await?.is_some()
        {
            return Err(Error::conflict("already_member", "This person belongs to the workspace already.")
                .at("email", "is a member"));
        }
        let mut secret = [0_u8; 32];
        cx.clock().random(&mut secret)?;
        let secret = hex::encode(secret);
        let invitation = Invitation {
            id: cx.new_id()?,
            email: self.email,
            role: self.role,
            invited_by,
            created_at: cx.now(),
            expires_at: cx.now().plus(OPEN),
        };
        cx.write().await?.invitations().insert(&invitation, TokenHash::of(&secret)).await?;
        cx.about(Subject::new("invitation", invitation.id));
        Ok(CreatedInvitation {
            id: invitation.id,
            email: invitation.email,
            role: invitation.role,
            link: format!("{}/join/{secret}", cx.services().public_url),
            expires_at: invitation.expires_at,
        })
    }
}
