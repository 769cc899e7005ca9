use std::fmt;

use async_trait::async_trait;

use super::{AuditRepository, StoredAnswer};
use crate::{
    ActAsId, Page, PageRequest, Result, SessionId, Timestamp, UserId, WorkspaceId,
    audit::AuditEntry,
    identity::{Account, ActAs, Email, PasswordHash, Session, TokenHash},
    workspace::{Label, Member, WorkspaceProfile},
};

/// A unit of work on what belongs to no workspace. Dropped without a commit it leaves nothing behind.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait SystemUnit: fmt::Debug + Send {
    /// Accounts of our own identity.
    fn accounts(&mut self) -> &mut dyn AccountRepository;
    /// Signed-in browsers.
    fn sessions(&mut self) -> &mut dyn SessionRepository;
    /// The list of workspaces.
    fn workspaces(&mut self) -> &mut dyn WorkspaceList;
    /// The audit chain of the instance.
    fn audit(&mut self) -> &mut dyn AuditRepository;
    /// Answers remembered for repeated requests that belong to no workspace.
    fn idempotency(&mut self) -> &mut dyn super::IdempotencyRepository;

    /// Makes everything true at once and durable.
    ///
    /// # Errors
    /// When the store could not write; then nothing of the unit is true.
    async fn commit(self: Box<Self>, audit: Vec<AuditEntry>, answer: Option<StoredAnswer>) -> Result<()>;
}

/// How taking an account away ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// It is gone.
    Done,
    /// There is none.
    Missing,
    /// There is no other admin of this workspace. The unit is good for nothing but to be dropped.
    LastAdmin(WorkspaceId),
}

/// Accounts of our own identity.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait AccountRepository: Send {
    /// Adds one; `false` when its address is taken. The very first account of a store is marked as the super admin by
    /// the store itself, whatever the account says, exactly once even when many arrive together; the account as it was
    /// kept is what `get` returns.
    async fn insert(&mut self, account: &Account) -> Result<bool>;
    /// How many there are.
    async fn count(&mut self) -> Result<u64>;
    /// One account.
    async fn get(&mut self, user: UserId) -> Result<Option<Account>>;
    /// Several accounts; unknown ids are left out.
    async fn several(&mut self, users: &[UserId]) -> Result<Vec<Account>>;
    /// The account with this address.
    async fn by_email(&mut self, email: &Email) -> Result<Option<Account>>;
    /// Gives it another name.
    async fn set_name(&mut self, user: UserId, name: &Label) -> Result<bool>;
    /// Gives it another password.
    async fn set_password(&mut self, user: UserId, hash: &PasswordHash) -> Result<bool>;
    /// Makes it a super admin or an ordinary account.
    async fn set_super_admin(&mut self, user: UserId, super_admin: bool) -> Result<bool>;
    /// How many super admins there are.
    async fn count_super_admins(&mut self) -> Result<u64>;
    /// Takes it away with its sessions, memberships and keys, unless a workspace would be left without an admin. It is
    /// decided so that two units cannot both rely on the same last one.
    async fn remove(&mut self, user: UserId) -> Result<Removal>;
    /// Keeps a one-time token that sets a new password; older ones of the person are dropped.
    async fn insert_reset(&mut self, user: UserId, token: TokenHash, expires_at: Timestamp) -> Result<()>;
    /// Uses such a token up; none when it is unknown, used or older than `now`.
    async fn take_reset(&mut self, token: TokenHash, now: Timestamp) -> Result<Option<UserId>>;
}

/// Signed-in browsers.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait SessionRepository: Send {
    /// Adds one.
    async fn insert(&mut self, session: &Session, token: TokenHash) -> Result<()>;
    /// The session with this token, expired or not, with its account.
    async fn by_token(&mut self, token: TokenHash) -> Result<Option<(Session, Account)>>;
    /// A page of a person's sessions, newest first.
    async fn list(&mut self, user: UserId, page: &PageRequest) -> Result<Page<Session>>;
    /// Notes that one was used.
    async fn touch(&mut self, id: SessionId, at: Timestamp, expires_at: Timestamp) -> Result<bool>;
    /// Opens acts that need a fresh password, under a new token; the old one is dead.
    async fn step_up(&mut self, id: SessionId, until: Timestamp, token: TokenHash) -> Result<bool>;
    /// Ends one of a person's.
    async fn remove(&mut self, user: UserId, id: SessionId) -> Result<bool>;
    /// Ends all of a person's but one; how many it were.
    async fn remove_all(&mut self, user: UserId, but: Option<SessionId>) -> Result<u64>;
    /// Ends those that expired before, at most `limit`; how many it were.
    async fn purge(&mut self, before: Timestamp, limit: u32) -> Result<u64>;
    /// Keeps a period of acting in a foreign workspace.
    async fn insert_act_as(&mut self, act_as: &ActAs) -> Result<()>;
    /// One such period, over or not.
    async fn act_as(&mut self, id: ActAsId) -> Result<Option<ActAs>>;
}

/// A workspace in the list of the instance.
#[derive(Debug, Clone)]
pub struct WorkspaceEntry {
    /// Its settings.
    pub profile: WorkspaceProfile,
    /// How many people belong to it.
    pub members: u64,
    /// How many automations it has.
    pub flows: u64,
}

/// The list of workspaces.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait WorkspaceList: Send {
    /// Founds a workspace with its first member.
    async fn found(&mut self, profile: &WorkspaceProfile, founder: Member) -> Result<()>;
    /// Makes a place for a workspace that the host keeps, without members; `false` when it has one. An audit chain from
    /// before is gone on with.
    async fn provide(&mut self, profile: &WorkspaceProfile) -> Result<bool>;
    /// The settings of one.
    async fn get(&mut self, id: WorkspaceId) -> Result<Option<WorkspaceProfile>>;
    /// Several; unknown ids are left out.
    async fn several(&mut self, ids: &[WorkspaceId]) -> Result<Vec<WorkspaceProfile>>;
    /// A page of all, newest first.
    async fn list(&mut self, page: &PageRequest) -> Result<Page<WorkspaceEntry>>;
}
