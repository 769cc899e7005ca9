//! Our own identity: accounts, passwords and sessions in our own store.

mod grant_super;
mod password;
mod reset;
mod session;
mod sign_in;
mod sign_up;

use std::sync::Arc;

use async_trait::async_trait;

pub use session::SignedIn;
pub use sign_in::SignIn;
pub use sign_up::SignUp;

use super::{Email, Identified, Identity, Person, Rights, TokenHash, passwords::Passwords, throttle::Throttle};
use crate::{
    Actor, Clock, Result, Timestamp, UserId,
    audit::{AuditEntry, Outcome, Subject},
    request::RequestInfo,
    store::{Access, Store, SystemUnit},
    vault::Secret,
};

/// Whether strangers may make accounts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignUpPolicy {
    /// Anybody may.
    #[default]
    Open,
    /// Only the first person and those who were invited.
    Invitation,
}

/// Accounts, passwords and sessions in our own store. The default [`Identity`].
#[derive(Debug)]
pub struct Accounts {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    passwords: Passwords,
    throttle: Throttle,
    policy: SignUpPolicy,
    setup_code: Option<Secret>,
    rights: Arc<Rights>,
}

impl Accounts {
    /// Keeps accounts in `store`. With a setup code, the very first sign-up has to give it.
    ///
    /// # Errors
    /// When password hashing cannot be set up.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        policy: SignUpPolicy,
        setup_code: Option<Secret>,
    ) -> Result<Self> {
        let (passwords, throttle, rights) = (Passwords::new()?, Throttle::new(), Arc::new(Rights::new()));
        Ok(Self { store, clock, passwords, throttle, policy, setup_code, rights })
    }

    /// Whether there is no account yet.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn is_empty(&self) -> Result<bool> {
        Ok(self.store.system("see whether there are accounts", Access::Read).await?.accounts().count().await? == 0)
    }

    /// Whether strangers may make accounts.
    pub fn policy(&self) -> SignUpPolicy {
        self.policy
    }

    /// Whether the first sign-up has to give the setup code.
    pub fn needs_setup_code(&self) -> bool {
        self.setup_code.is_some()
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.passwords
    }

    pub(crate) fn rights(&self) -> &Arc<Rights> {
        &self.rights
    }

    /// Makes a change of who may come in true, and felt at once.
    async fn commit(&self, unit: Box<dyn SystemUnit>, entry: AuditEntry) -> Result<()> {
        unit.commit(vec![entry], None).await?;
        self.rights.changed();
        Ok(())
    }

    fn token(&self) -> Result<Secret> {
        let mut bytes = zeroize::Zeroizing::new([0_u8; 32]);
        self.clock.random(bytes.as_mut())?;
        Ok(Secret::new(hex::encode(*bytes)))
    }

    fn record(
        &self,
        action: &'static str,
        user: Option<UserId>,
        outcome: Outcome,
        request: &RequestInfo,
    ) -> Result<AuditEntry> {
        Ok(AuditEntry {
            id: self.clock.new_id()?,
            at: self.clock.now(),
            actor: user.map_or(Actor::System("not signed in"), Actor::Person),
            action,
            outcome,
            subject: user.map(|user| Subject::new("user", user)),
            address: request.address.map(|address| address.to_string()),
            request: request.id,
            note: None,
        })
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

#[async_trait]
impl Identity for Accounts {
    async fn authenticate(&self, token: &Secret) -> Result<Option<Identified>> {
        self.recognise(token).await
    }

    async fn people(&self, ids: &[UserId]) -> Result<Vec<Person>> {
        let mut unit = self.store.system("name people", Access::Read).await?;
        Ok(unit.accounts().several(ids).await?.into_iter().map(|account| account.person).collect())
    }

    async fn by_email(&self, email: &Email) -> Result<Option<Person>> {
        let mut unit = self.store.system("find a person", Access::Read).await?;
        Ok(unit.accounts().by_email(email).await?.map(|account| account.person))
    }
}

fn token_hash(token: &Secret) -> TokenHash {
    TokenHash::of(token.expose())
}
