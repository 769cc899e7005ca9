//! A new password for one who lost the old.

use std::time::Duration;

use super::{Accounts, token_hash};
use crate::{
    Email, Error, Kind, Result, audit::Outcome, identity::passwords, request::RequestInfo, store::Access, vault::Secret,
};

/// How long a link works.
const VALID: Duration = Duration::from_hours(1);

impl Accounts {
    /// Makes the secret of a one-time link that sets a new password; none when there is no such account.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn offer_reset(&self, email: &Email, request: &RequestInfo) -> Result<Option<Secret>> {
        let token = self.token()?;
        let mut unit = self.store.system("offer a new password", Access::Write).await?;
        let Some(account) = unit.accounts().by_email(email).await? else { return Ok(None) };
        let user = account.person.id;
        unit.accounts().insert_reset(user, token_hash(&token), self.now().plus(VALID)).await?;
        unit.commit(vec![self.record("auth.offer_reset", Some(user), Outcome::Done, request)?], None).await?;
        Ok(Some(token))
    }

    /// Sets a new password by such a link and ends all sessions.
    ///
    /// # Errors
    /// `reset_expired` for a used, unknown or old link, `invalid_input` naming `password`.
    pub async fn reset(&self, token: &Secret, password: Secret, request: &RequestInfo) -> Result<()> {
        let mut unit = self.store.system("set a new password", Access::Write).await?;
        let user = unit.accounts().take_reset(token_hash(token), self.now()).await?;
        let account = match user {
            Some(user) => unit.accounts().get(user).await?,
            None => None,
        };
        let expired =
            || Error::new(Kind::NotFound, "reset_expired", "This link is used up or too old. Ask for a new one.");
        let account = account.ok_or_else(expired)?;
        drop(unit);
        let person = &account.person;
        passwords::accept("password", &password, &person.name, &person.email)?;
        let hash = self.passwords.hash(password).await?;
        // The link is used up only together with the new password, so a refused password does not waste it.
        let mut unit = self.store.system("set a new password", Access::Write).await?;
        if unit.accounts().take_reset(token_hash(token), self.now()).await? != Some(person.id) {
            return Err(expired());
        }
        unit.accounts().set_password(person.id, &hash).await?;
        unit.sessions().remove_all(person.id, None).await?;
        self.commit(unit, self.record("auth.reset", Some(person.id), Outcome::Done, request)?).await
    }
}
