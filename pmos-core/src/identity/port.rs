//! Who is calling.

use async_trait::async_trait;

use super::{Email, Person};
use crate::{Result, SessionId, Timestamp, UserId, vault::Secret};

/// Who presented a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identified {
    /// The person.
    pub person: Person,
    /// The session, where there is one.
    pub session: Option<SessionId>,
    /// Until when acts that need a fresh password are open.
    pub stepped_up_until: Option<Timestamp>,
}

/// Who is calling. [`Accounts`](crate::identity::Accounts) keeps people, passwords and sessions in our own store; a host
/// with users of its own implements this instead. API keys are ours in both cases.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait Identity: std::fmt::Debug + Send + Sync {
    /// The person behind a session token or whatever the host uses in its place; none when it is unknown or dead.
    ///
    /// # Errors
    /// When the source cannot be read.
    async fn authenticate(&self, token: &Secret) -> Result<Option<Identified>>;

    /// The people with these ids; unknown ones are left out.
    ///
    /// # Errors
    /// When the source cannot be read.
    async fn people(&self, ids: &[UserId]) -> Result<Vec<Person>>;

    /// The person with this address.
    ///
    /// # Errors
    /// When the source cannot be read.
    async fn by_email(&self, email: &Email) -> Result<Option<Person>>;
}
