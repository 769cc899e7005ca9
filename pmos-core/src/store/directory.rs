use async_trait::async_trait;

use crate::{
    ApiKeyId, ApprovalId, FlowId, InvitationId, NodeId, Result, RunId, Timestamp, TurnId, UserId, WorkspaceId,
    api_key::KeyScope, identity::TokenHash, workspace::Membership,
};

/// What a key's secret leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundKey {
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// The key.
    pub key: ApiKeyId,
    /// Whose rights it has; none for a service key.
    pub owner: Option<UserId>,
    /// What it may do.
    pub scopes: Vec<KeyScope>,
    /// After this it is dead.
    pub expires_at: Option<Timestamp>,
    /// When it was last noted as used.
    pub last_used_at: Option<Timestamp>,
}

/// The questions that come before a tenant is known. They are answered with ids and rights only, and in SQL stores under
/// a role that can read nothing else.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait Directory: Send + Sync {
    /// The workspaces of a person.
    async fn memberships(&self, user: UserId) -> Result<Vec<Membership>>;
    /// The API key with this secret.
    async fn api_key(&self, token: TokenHash) -> Result<Option<FoundKey>>;
    /// The flow with this webhook address, whether it is live or not, unless it is deleted.
    async fn hook(&self, token: &str) -> Result<Option<(WorkspaceId, FlowId)>>;
    /// The invitation with this secret, expired or not.
    async fn invitation(&self, token: TokenHash) -> Result<Option<(WorkspaceId, InvitationId)>>;
    /// Runs of engines in this process that another process works on, oldest first, after the given one: what is to be
    /// gone on with when that process is gone.
    async fn runs_of_others(
        &self,
        node: NodeId,
        after: Option<(WorkspaceId, RunId)>,
        limit: u32,
    ) -> Result<Vec<(WorkspaceId, RunId)>>;
    /// Runs of engines in this process that have no owner and are due, those first that have been for longest.
    async fn due_runs(&self, now: Timestamp, limit: u32) -> Result<Vec<(WorkspaceId, RunId)>>;
    /// Flows that start by themselves and are due, those first that have been for longest.
    async fn due_flows(&self, now: Timestamp, limit: u32) -> Result<Vec<(WorkspaceId, FlowId)>>;
    /// Turns of conversations that are queued, with no older unfinished one before them; oldest first.
    async fn due_turns(&self, limit: u32) -> Result<Vec<(WorkspaceId, TurnId)>>;
    /// Turns that are running and that another process works on, oldest first: what is to be gone on with when that process is gone.
    async fn turns_of_others(&self, node: NodeId, limit: u32) -> Result<Vec<(WorkspaceId, TurnId)>>;
    /// Requests for approval that are approved and not carried out, that no one decided in time, or that were carried out without that it
    /// was told; oldest first.
    async fn due_approvals(&self, now: Timestamp, limit: u32) -> Result<Vec<(WorkspaceId, ApprovalId)>>;
    /// A workspace that has secrets; none when there is no secret at all.
    async fn sealed(&self) -> Result<Option<WorkspaceId>>;
    /// All workspaces in the order of their ids, after the given one: for PMOS's own rounds.
    async fn workspaces(&self, after: Option<WorkspaceId>, limit: u32) -> Result<Vec<WorkspaceId>>;
    /// The workspace and engine of every tenancy at a remote engine, in that order, after the given one.
    async fn tenancies(&self, after: Option<(WorkspaceId, String)>, limit: u32) -> Result<Vec<(WorkspaceId, String)>>;
}
