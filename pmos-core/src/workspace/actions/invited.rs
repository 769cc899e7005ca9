//! What holds for the holder of an invitation.

use crate::{
    Email, Error, InvitationId, Kind, Result, Role, Timestamp, WorkspaceId,
    action::Outward,
    identity::TokenHash,
    store::{Directory, InvitationRepository},
    vault::Secret,
    workspace::{Invitation, Membership},
};

/// Where the invitation with this secret is kept.
pub(super) async fn find(directory: &dyn Directory, token: &Secret) -> Result<(WorkspaceId, InvitationId)> {
    let found = directory.invitation(TokenHash::of(token.expose())).await?;
    found.ok_or_else(expired)
}

/// An invitation that can still be accepted.
pub(super) async fn open(
    invitations: &mut dyn InvitationRepository,
    id: InvitationId,
    now: Timestamp,
) -> Result<Invitation> {
    let invitation = invitations.get(id).await?;
    invitation.filter(|invitation| now < invitation.expires_at).ok_or_else(expired)
}

/// Refuses when who invited may not do so any more, wherever people and their rights are kept.
pub(super) async fn by_an_admin(outward: &Outward<'_>, invitation: &Invitation, workspace: WorkspaceId) -> Result<()> {
    let inviter = invitation.invited_by;
    let person = outward.identity().people(&[inviter]).await?.pop().ok_or_else(expired)?;
    let admin = Membership { workspace, role: Role::WorkspaceAdmin };
    if person.super_admin || outward.workspaces().memberships(inviter).await?.contains(&admin) {
        return Ok(());
    }
    Err(expired())
}

/// Refuses an account with another address than the invited one.
pub(crate) fn fits(invited: &Email, email: &Email) -> Result<()> {
    if invited.key() == email.key() {
        return Ok(());
    }
    let message = "This invitation was made for another address. Use the account with that address.";
    Err(Error::new(Kind::Forbidden, "other_address", message))
}

pub(super) fn expired() -> Error {
    let message = "This invitation was used, taken back or is too old. Ask for a new one.";
    Error::new(Kind::NotFound, "invitation_expired", message)
}
