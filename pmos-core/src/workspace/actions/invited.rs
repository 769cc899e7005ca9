//! What holds for the holder of an invitation.

use crate::{
    Email, Error, InvitationId, Kind, Result, Timestamp, WorkspaceId,
    identity::TokenHash,
    store::{Directory, InvitationRepository},
    vault::Secret,
    workspace::Invitation,
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
