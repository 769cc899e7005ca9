//! Making an account. It begins a session, which the host hands over in its own way, so it is not in the table.

use crate::{
    Channel, Error, Pmos, Result,
    action::RequestInfo,
    identity::{SignUp, SignedIn},
    workspace::actions::{AcceptInvitation, ShowInvitation, invitation_fits},
};

impl Pmos {
    /// Makes an account, and lets it into the workspace it was invited to.
    ///
    /// # Errors
    /// As [`AcceptInvitation`] and [`Accounts`](crate::identity::Accounts), `unsupported` when the host brought its own
    /// people.
    pub async fn sign_up(&self, input: SignUp, request: &RequestInfo) -> Result<SignedIn> {
        let accounts = self.accounts().ok_or_else(|| Error::unsupported("accounts of PMOS itself"))?;
        // An account has one name for its request; the acceptance that follows is another act.
        let request = RequestInfo { idempotency_key: None, ..request.clone() };
        if let Some(token) = &input.invitation {
            let shown = self.stranger(request.clone()).run(ShowInvitation { token: token.clone() }).await?.done()?;
            invitation_fits(&shown.email, &input.email)?;
        }
        let signed_in = accounts.make(&input, &request).await?;
        if let Some(token) = input.invitation {
            let principal = self.vouch(signed_in.person.id, Channel::Rust).await?;
            self.welcome(&principal, request).run(AcceptInvitation { token }).await?.done()?;
        }
        Ok(signed_in)
    }
}
