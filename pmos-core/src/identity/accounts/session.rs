//! Sessions: from a right password to its end.

use std::time::Duration;

use super::{Accounts, token_hash};
use crate::{
    Error, Result, SessionId, Timestamp,
    identity::{Account, Identified, Person, Session},
    request::RequestInfo,
    store::{Access, SessionRepository, SystemUnit},
    vault::Secret,
};

/// A session dies when it was not used for so long,
const IDLE: Duration = Duration::from_hours(336);
/// or when it is this old.
const AGE: Duration = Duration::from_hours(2160);
/// Uses are noted at most this often.
const NOTED: Duration = Duration::from_mins(1);
/// How long a fresh password opens what needs one.
const FRESH: Duration = Duration::from_mins(10);

/// A person who just came in, with the token that lets them in again. The token is shown once.
#[derive(Debug)]
#[non_exhaustive]
pub struct SignedIn {
    /// Who it is.
    pub person: Person,
    /// What the browser keeps.
    pub token: Secret,
    /// When it ends if it is not used.
    pub expires_at: Timestamp,
}

/// A new token of a session that goes on. With it, what needs a fresh password is open.
pub(crate) struct Renewed {
    /// What the browser keeps from now on.
    pub(crate) token: Secret,
    until: Timestamp,
}

impl Renewed {
    /// Puts it in the place of the session's token so far, which is dead then.
    pub(crate) async fn keep(&self, sessions: &mut dyn SessionRepository, session: SessionId) -> Result<()> {
        let renewed = sessions.step_up(session, self.until, token_hash(&self.token)).await?;
        if renewed { Ok(()) } else { Err(Error::unauthenticated()) }
    }
}

impl Accounts {
    /// Makes a new token for a session whose person has just given the password.
    pub(crate) fn renewed(&self, now: Timestamp) -> Result<Renewed> {
        Ok(Renewed { token: self.token()?, until: now.plus(FRESH) })
    }

    /// Begins a session; with `fresh`, what needs a fresh password is open.
    pub(super) async fn begin_session(
        &self,
        unit: &mut dyn SystemUnit,
        account: &Account,
        request: &RequestInfo,
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
            address: request.address.map(|address| address.to_string()).unwrap_or_default(),
            user_agent: request.user_agent.as_deref().unwrap_or_default().chars().take(200).collect(),
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
