//! Who runs the instance.

use super::Accounts;
use crate::{Email, Error, Result, audit::Outcome, request::RequestInfo, store::Access};

impl Accounts {
    /// Makes a person run the instance; only the command line on the host calls this.
    ///
    /// # Errors
    /// `not_found` when there is no such account.
    pub async fn grant_super(&self, email: &Email, request: &RequestInfo) -> Result<()> {
        let mut unit = self.store.system("grant super admin", Access::Write).await?;
        let account = unit.accounts().by_email(email).await?.ok_or_else(Error::not_found)?;
        unit.accounts().set_super_admin(account.person.id, true).await?;
        self.commit(unit, self.record("admin.grant_super", Some(account.person.id), Outcome::Done, request)?).await
    }
}
