//! Changing one's password.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Accounts, SignedIn, Visit};
use crate::{
    Result,
    audit::Outcome,
    identity::{Person, passwords},
    store::Access,
    vault::Secret,
};

/// The old password and the new one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The password so far.
    pub current: Secret,
    /// The password from now on, at least 12 characters.
    pub new: Secret,
}

impl Accounts {
    /// Sets a new password, ends all sessions and begins a new one for the caller.
    ///
    /// # Errors
    /// `wrong_credentials`, `invalid_input` naming `new`, `too_many_attempts`.
    pub async fn change_password(&self, person: &Person, input: ChangePassword, visit: &Visit) -> Result<SignedIn> {
        passwords::accept("new", &input.new, &person.name, &person.email)?;
        let account = self.prove(&person.email, input.current, "auth.change_password", visit).await?;
        let hash = self.passwords.hash(input.new).await?;
        let mut unit = self.store.system("change a password", Access::Write).await?;
        unit.accounts().set_password(person.id, &hash).await?;
        unit.sessions().remove_all(person.id, None).await?;
        let signed_in = self.begin_session(&mut *unit, &account, visit).await?;
        let entry = self.record("auth.change_password", Some(person.id), Outcome::Done, visit)?;
        unit.commit(vec![entry], None).await?;
        Ok(signed_in)
    }
}
