//! Another password.

use super::Accounts;
use crate::{
    Result,
    identity::{PasswordHash, Person, passwords},
    request::RequestInfo,
    vault::Secret,
};

impl Accounts {
    /// What is kept of a new password, once the current one was proved.
    pub(crate) async fn new_password(
        &self,
        person: &Person,
        current: Secret,
        new: Secret,
        action: &'static str,
        request: &RequestInfo,
    ) -> Result<PasswordHash> {
        passwords::accept("new", &new, &person.name, &person.email)?;
        self.prove(&person.email, current, action, request).await?;
        self.passwords.hash(new).await
    }
}
