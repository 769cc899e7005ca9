use async_trait::async_trait;

use crate::{
    ApprovalId, GrantId, Page, PageRequest, Result, Timestamp, UserId,
    approval::{Approval, ApprovalPolicy, ApprovalStatus, Grant},
};

/// Which requests for approval are asked for; an empty filter asks for all.
#[derive(Debug, Clone, Copy, Default)]
pub struct ApprovalFilter {
    /// As far as this.
    pub status: Option<ApprovalStatus>,
    /// Made on behalf of this person.
    pub requester: Option<UserId>,
}

/// The policy of a workspace, and how often it was changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeptPolicy {
    /// From 0, which is that of a workspace that never set one.
    pub revision: u64,
    /// What has to be approved.
    pub policy: ApprovalPolicy,
}

/// Calls of the workspace that wait for an approval, and what became of them.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait ApprovalRepository: Send {
    /// Keeps one.
    async fn insert(&mut self, approval: &Approval) -> Result<()>;
    /// One of them.
    async fn get(&mut self, id: ApprovalId) -> Result<Option<Approval>>;
    /// A page of them, newest first.
    async fn list(&mut self, filter: ApprovalFilter, page: &PageRequest) -> Result<Page<Approval>>;
    /// How many wait.
    async fn count_pending(&mut self) -> Result<u64>;
    /// Writes status, input, secrets, digest, decisions, `edited`, `told`, end, result and error of one whose revision is still that of
    /// `approval`, and counts the revision up; false when it was changed by others or is not there.
    async fn update(&mut self, approval: &Approval) -> Result<bool>;
    /// Takes an approved one to carry it out: it is executed then and has ended, its revision is counted up, and its idempotency key is
    /// free for the answer. False when it is not approved any more.
    async fn execute(&mut self, id: ApprovalId, at: Timestamp) -> Result<bool>;
    /// Deletes those that ended before and grants that held until before, at most `limit` of each; how many it were.
    async fn purge(&mut self, before: Timestamp, limit: u32) -> Result<u64>;

    /// The policy; the default one when none was set.
    async fn policy(&mut self) -> Result<KeptPolicy>;
    /// Sets it, when its revision is still `seen`.
    async fn set_policy(&mut self, seen: u64, policy: &ApprovalPolicy) -> Result<bool>;

    /// Keeps a grant.
    async fn insert_grant(&mut self, grant: &Grant) -> Result<()>;
    /// Grants that hold at `now`, newest first.
    async fn grants(&mut self, now: Timestamp, page: &PageRequest) -> Result<Page<Grant>>;
    /// Whether one holds at `now` for this person, action and digest.
    async fn is_granted(&mut self, requester: UserId, action: &str, digest: &[u8; 32], now: Timestamp) -> Result<bool>;
    /// Takes a grant away.
    async fn remove_grant(&mut self, id: GrantId) -> Result<bool>;
}
