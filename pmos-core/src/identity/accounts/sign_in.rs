//! Coming in with a password, and going out.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Accounts, SignedIn, Visit, session::FRESH, token_hash};
use crate::{
    Email, Error, Id, Kind, PageRequest, Result, SessionId, UserId,
    audit::Outcome,
    identity::{Account, throttle},
    store::Access,
    vault::Secret,
};

/// What a person gives to come in.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// His address.
    pub email: Email,
    /// His password.
    pub password: Secret,
}

impl Accounts {
    /// Begins a session for the right password. An unknown address and a wrong password look alike, also in time.
    ///
    /// # Errors
    /// `wrong_credentials`, `too_many_attempts`.
    pub async fn sign_in(&self, input: SignIn, visit: &Visit) -> Result<SignedIn> {
        let account = self.prove(&input.email, input.password, "auth.sign_in", visit).await?;
        let mut unit = self.store.system("sign in", Access::Write).await?;
        let signed_in = self.begin_session(&mut *unit, &account, visit).await?;
        let entry = self.record("auth.sign_in", Some(account.person.id), Outcome::Done, visit)?;
        unit.commit(vec![entry], None).await?;
        Ok(signed_in)
    }

    /// Ends the session of this token; one that is dead already is no error.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn sign_out(&self, token: &Secret, visit: &Visit) -> Result<()> {
        let Some(known) = self.recognise(token).await? else { return Ok(()) };
        let Some(session) = known.session else { return Ok(()) };
        let mut unit = self.store.system("sign out", Access::Write).await?;
        unit.sessions().remove(known.person.id, session).await?;
        let entry = self.record("auth.sign_out", Some(known.person.id), Outcome::Done, visit)?;
        unit.commit(vec![entry], None).await
    }

    /// Opens what needs a fresh password, under a new token; the old one is dead.
    ///
    /// # Errors
    /// `wrong_credentials`, `too_many_attempts`.
    pub async fn step_up(&self, email: &Email, session: SessionId, password: Secret, visit: &Visit) -> Result<Secret> {
        let account = self.prove(email, password, "auth.step_up", visit).await?;
        let token = self.token()?;
        let mut unit = self.store.system("step up", Access::Write).await?;
        unit.sessions().step_up(session, self.now().plus(FRESH), token_hash(&token)).await?;
        let entry = self.record("auth.step_up", Some(account.person.id), Outcome::Done, visit)?;
        unit.commit(vec![entry], None).await?;
        Ok(token)
    }

    /// Whether somebody with this address has a live session that was begun in this network. An unknown address takes as
    /// long as one that has an account.
    async fn is_signed_in_from(&self, email: &Email, network: &str) -> Result<bool> {
        let mut unit = self.store.system("see where a person is signed in", Access::Read).await?;
        let account = unit.accounts().by_email(email).await?;
        let user = account.map_or(UserId::from_uuid(uuid::Uuid::nil()), |account| account.person.id);
        let sessions = unit.sessions().list(user, &PageRequest::parse(Some(200), None, user)?).await?;
        let now = self.now();
        let mut alive = sessions.items.iter().filter(|session| now < session.expires_at);
        Ok(alive.any(|session| throttle::network(&session.address) == network))
    }

    /// The account behind an address and the right password.
    pub(super) async fn prove(
        &self,
        email: &Email,
        password: Secret,
        action: &'static str,
        visit: &Visit,
    ) -> Result<Account> {
        let key = email.key();
        let is_known = async |network: &str| self.is_signed_in_from(email, network).await;
        let guess = self.throttle.guess(&key, visit.address.as_deref(), is_known).await?;
        let account = self.store.system(action, Access::Read).await?.accounts().by_email(email).await?;
        let hash = account.as_ref().map(|account| account.password_hash.clone());
        let right = self.passwords.verify(password, hash).await?;
        match account {
            Some(account) if right => {
                self.throttle.right(&guess);
                Ok(account)
            }
            account => {
                // Written for unknown addresses too, or the time would tell the two apart.
                let user = account.map(|account| account.person.id);
                let unit = self.store.system(action, Access::Write).await?;
                unit.commit(vec![self.record(action, user, Outcome::Denied, visit)?], None).await?;
                let message = "This address and password do not belong together.";
                Err(Error::new(Kind::Unauthenticated, "wrong_credentials", message))
            }
        }
    }
}
