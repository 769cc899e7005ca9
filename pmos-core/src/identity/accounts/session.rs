//! Sessions: from a right password to its end.

use std::time::Duration;

use super::{Accounts, Visit, token_hash};
use crate::{
    Result, Timestamp,
    identity::{Account, Identified, Person, Session},
    store::{Access, SystemUnit},
    vault::Secret,
};

/// A session dies when it was not used for so long,
const IDLE: Duration = Duration::from_hours(336);
/// or when it is this old.
const AGE: Duration = Duration::from_hours(2160);
/// Uses are noted at most this often.
const NOTED: Duration = Duration::from_mins(1);
/// How long a fresh password opens what needs one.
pub(super) const FRESH: Duration = Duration::from_mins(10);

/// Somebody who just came in, with the token that lets him in again. The token is shown once.
#[derive(Debug)]
pub struct SignedIn {
    /// Who it is.
    pub person: Person,
    /// What the browser keeps.
    pub token: Secret,
    /// When it ends if it is not used.
    pub expires_at: Timestamp,
}

impl Accounts {
    /// Begins a session; with `fresh`, what needs a fresh password is open.
    pub(super) async fn begin_session(
        &self,
        unit: &mut dyn SystemUnit,
        account: &Account,
        visit: &Visit,
    ) -> Result<SignedIn> {
        let now = self.now();
        let token = self.token()?;
        let session = Session {
            id: self.clock.new_id()?,
            user: account.person.id,
            created_at: now,
            last_used_at: now,
            expires_at: now.plus(IDLE),
            stepped_up_until: Some(now.plus(FRESH)),
            address: visit.address.clone().unwrap_or_default(),
            user_agent: visit.user_agent.as_deref().unwrap_or_default().chars().take(200).collect(),
        };
        unit.sessions().insert(&session, token_hash(&token)).await?;
        Ok(SignedIn { person: account.person.clone(), token, expires_at: session.expires_at })
    }

    pub(super) async fn recognise(&self, token: &Secret) -> Result<Option<Identified>> {
        let mut unit = self.store.system("recognise a session", Access::Read).await?;
        let found = unit.sessions().by_token(token_hash(token)).await?;
        drop(unit);
        let now = self.now();
        let Some((session, account)) = found.filter(|(session, _)| now < session.expires_at) else {
            return Ok(None);
        };
        if now.since(session.last_used_at) >= NOTED {
            let expires_at = now.plus(IDLE).min(session.created_at.plus(AGE));
            let mut unit = self.store.system("note that a session is used", Access::Write).await?;
            unit.sessions().touch(session.id, now, expires_at).await?;
            unit.commit(Vec::new(), None).await?;
        }
        Ok(Some(Identified {
            person: account.person,
            session: Some(session.id),
            stepped_up_until: session.stepped_up_until,
        }))
    }
}
