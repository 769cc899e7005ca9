//! Coming in with a password, and going out.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use super::{Accounts, SignedIn};
use crate::{
    Email, Error, Id, Kind, PageRequest, Result, UserId,
    audit::Outcome,
    identity::{Account, throttle},
    request::RequestInfo,
    store::Access,
    vault::Secret,
};

/// What a person gives to come in.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// Their address.
    #[serde(deserialize_with = "of_an_account")]
    pub email: Email,
    /// Their password.
    pub password: Secret,
}

/// The address of an account that there is, whatever is asked of the addresses of new ones.
fn of_an_account<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Email, D::Error> {
    let text = String::deserialize(deserializer)?;
    Email::kept(text.trim().to_owned()).map_err(serde::de::Error::custom)
}

impl Accounts {
    /// Begins a session for the right password. An unknown address and a wrong password look alike, also in time.
    ///
    /// # Errors
    /// `wrong_credentials`, `too_many_attempts`.
    pub async fn sign_in(&self, input: SignIn, request: &RequestInfo) -> Result<SignedIn> {
        let account = self.prove(&input.email, input.password, "auth.sign_in", request).await?;
        let mut unit = self.store.system("sign in", Access::Write).await?;
        let signed_in = self.begin_session(&mut *unit, &account, request).await?;
        let entry = self.record("auth.sign_in", Some(account.person.id), Outcome::Done, request)?;
        unit.commit(vec![entry], None).await?;
        Ok(signed_in)
    }

    /// Ends the session of this token; one that is dead already is no error.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn sign_out(&self, token: &Secret, request: &RequestInfo) -> Result<()> {
        let Some(known) = self.recognise(token).await? else { return Ok(()) };
        let Some(session) = known.session else { return Ok(()) };
        let mut unit = self.store.system("sign out", Access::Write).await?;
        unit.sessions().remove(known.person.id, session).await?;
        self.commit(unit, self.record("auth.sign_out", Some(known.person.id), Outcome::Done, request)?).await
    }

    /// Whether the person with this address has a live session that was begun in this network. An unknown address takes as
    /// long as one that has an account.
    async fn is_signed_in_from(&self, email: &Email, network: &str) -> Result<bool> {
        let mut unit = self.store.system("see where a person is signed in", Access::Read).await?;
        let account = unit.accounts().by_email(email).await?;
        let user = account.map_or(UserId::from_uuid(uuid::Uuid::nil()), |account| account.person.id);
        let sessions = unit.sessions().list(user, &PageRequest::parse(Some(200), None, user)?).await?;
        let now = self.now();
        let mut alive = sessions.items.iter().filter(|session| now < session.expires_at);
        Ok(alive.any(|session| session.address.parse().is_ok_and(|address| throttle::network(address) == network)))
    }

    /// The account behind an address and the right password.
    pub(crate) async fn prove(
        &self,
        email: &Email,
        password: Secret,
        action: &'static str,
        request: &RequestInfo,
    ) -> Result<Account> {
        let key = email.key();
        let is_known = async |network: &str| self.is_signed_in_from(email, network).await;
        let guess = self.throttle.guess(&key, request.address, is_known).await?;
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
                unit.commit(vec![self.record(action, user, Outcome::Denied, request)?], None).await?;
                let message = "This address and password do not belong together.";
                Err(Error::new(Kind::Unauthenticated, "wrong_credentials", message))
            }
        }
    }
}
