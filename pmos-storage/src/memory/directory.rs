use std::ops::Bound;

use async_trait::async_trait;
use pmos_core::{
    ApprovalId, FlowId, InvitationId, NodeId, Result, RunId, Timestamp, TurnId, UserId, WorkspaceId,
    approval::{Approval, ApprovalStatus},
    chat::TurnStatus,
    identity::TokenHash,
    run::RunStatus,
    store::{Directory, FoundKey},
    workspace::Membership,
};

use super::{
    MemoryStore,
    state::{Run, Tenant},
};

impl MemoryStore {
    fn find<T>(&self, mut look: impl FnMut(WorkspaceId, &Tenant) -> Option<T>) -> Option<T> {
        self.0.committed.lock().tenants.iter().find_map(|(id, tenant)| look(*id, tenant))
    }

    /// What is due of all workspaces, in the order of what stands beside it: the longest due or the oldest first.
    fn due<T: Copy + Ord, B: Ord>(&self, limit: u32, find: impl Fn(&Tenant) -> Vec<(B, T)>) -> Vec<(WorkspaceId, T)> {
        let instance = self.0.committed.lock();
        let of = |(workspace, tenant): (&WorkspaceId, &std::sync::Arc<Tenant>)| {
            find(tenant).into_iter().map(|(at, id)| (at, *workspace, id)).collect::<Vec<_>>()
        };
        let mut due: Vec<_> = instance.tenants.iter().flat_map(of).collect();
        due.sort_unstable();
        due.into_iter().take(limit as usize).map(|(_, workspace, id)| (workspace, id)).collect()
    }
}

#[async_trait]
impl Directory for MemoryStore {
    async fn memberships(&self, user: UserId) -> Result<Vec<Membership>> {
        let instance = self.0.committed.lock();
        let member = |(id, tenant): (&WorkspaceId, &std::sync::Arc<Tenant>)| {
            tenant.members.get(&user).map(|member| Membership { workspace: *id, role: member.role })
        };
        Ok(instance.tenants.iter().filter_map(member).collect())
    }

    async fn api_key(&self, token: TokenHash) -> Result<Option<FoundKey>> {
        Ok(self.find(|workspace, tenant| {
            let (key, _) = tenant.api_keys.values().find(|(_, kept)| *kept == token)?;
            Some(FoundKey {
                workspace,
                key: key.id,
                owner: key.owner,
                scopes: key.scopes.clone(),
                expires_at: key.expires_at,
                last_used_at: key.last_used_at,
            })
        }))
    }

    async fn hook(&self, token: &str) -> Result<Option<(WorkspaceId, FlowId)>> {
        Ok(self.find(|workspace, tenant| {
            let mut live = tenant.flows.values().filter(|flow| flow.deleted_at.is_none());
            live.find(|flow| flow.row.hook_token == token).map(|flow| (workspace, flow.row.id))
        }))
    }

    async fn invitation(&self, token: TokenHash) -> Result<Option<(WorkspaceId, InvitationId)>> {
        Ok(self.find(|workspace, tenant| {
            let (invitation, _) = tenant.invitations.values().find(|(_, kept)| *kept == token)?;
            Some((workspace, invitation.id))
        }))
    }

    async fn runs_of_others(
        &self,
        node: NodeId,
        after: Option<(WorkspaceId, RunId)>,
        limit: u32,
    ) -> Result<Vec<(WorkspaceId, RunId)>> {
        let instance = self.0.committed.lock();
        let mut runs: Vec<_> = instance
            .tenants
            .iter()
            .flat_map(|(workspace, tenant)| tenant.runs.values().map(|run| (run, *workspace)))
            .filter(|(run, _)| !run.remote && run.row.summary.status == RunStatus::Running)
            .filter(|(run, _)| run.row.owner.node != Some(node))
            .map(|(run, workspace)| (run.row.summary.id, workspace))
            .filter(|found| after.is_none_or(|(workspace, run)| *found > (run, workspace)))
            .collect();
        runs.sort_unstable();
        Ok(runs.into_iter().take(limit as usize).map(|(run, workspace)| (workspace, run)).collect())
    }

    async fn due_runs(&self, now: Timestamp, limit: u32) -> Result<Vec<(WorkspaceId, RunId)>> {
        let due = |run: &&std::sync::Arc<Run>| run.is_due(now);
        Ok(self.due(limit, |tenant| {
            tenant.runs.values().filter(due).map(|run| (run.due_at, run.row.summary.id)).collect()
        }))
    }

    async fn due_flows(&self, now: Timestamp, limit: u32) -> Result<Vec<(WorkspaceId, FlowId)>> {
        Ok(self.due(limit, |tenant| {
            let live = tenant.flows.values().filter(|flow| flow.row.enabled && flow.deleted_at.is_none());
            live.filter(|flow| flow.next_slot.is_some_and(|at| at <= now))
                .map(|flow| (flow.next_slot, flow.row.id))
                .collect()
        }))
    }

    async fn due_turns(&self, limit: u32) -> Result<Vec<(WorkspaceId, TurnId)>> {
        Ok(self.due(limit, |tenant| {
            let queued = tenant.turns.values().filter(|turn| turn.status == TurnStatus::Queued);
            queued.filter(|turn| tenant.has_its_place(turn)).map(|turn| (turn.id, turn.id)).collect()
        }))
    }

    async fn turns_of_others(&self, node: NodeId, limit: u32) -> Result<Vec<(WorkspaceId, TurnId)>> {
        Ok(self.due(limit, |tenant| {
            let running = tenant.turns.values().filter(|turn| turn.status == TurnStatus::Running);
            running.filter(|turn| turn.node != Some(node)).map(|turn| (turn.id, turn.id)).collect()
        }))
    }

    async fn due_approvals(&self, now: Timestamp, limit: u32) -> Result<Vec<(WorkspaceId, ApprovalId)>> {
        let due = |approval: &&std::sync::Arc<Approval>| match approval.status {
            ApprovalStatus::Pending => approval.expires_at <= now,
            ApprovalStatus::Approved => true,
            ApprovalStatus::Executed => !approval.told,
            ApprovalStatus::Denied | ApprovalStatus::Expired | ApprovalStatus::Failed => false,
        };
        Ok(self.due(limit, |tenant| {
            tenant.approvals.values().filter(due).map(|approval| (approval.id, approval.id)).collect()
        }))
    }

    async fn sealed(&self) -> Result<Option<WorkspaceId>> {
        let instance = self.0.committed.lock();
        Ok(instance.tenants.iter().find(|(_, tenant)| tenant.data_key.is_some()).map(|(id, _)| *id))
    }

    async fn workspaces(&self, after: Option<WorkspaceId>, limit: u32) -> Result<Vec<WorkspaceId>> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let instance = self.0.committed.lock();
        Ok(instance.tenants.range((from, Bound::Unbounded)).map(|(id, _)| *id).take(limit as usize).collect())
    }

    async fn tenancies(&self, after: Option<(WorkspaceId, String)>, limit: u32) -> Result<Vec<(WorkspaceId, String)>> {
        let instance = self.0.committed.lock();
        let tenancies = instance
            .tenants
            .iter()
            .flat_map(|(id, tenant)| tenant.tenancies.keys().map(|engine| (*id, engine.clone())));
        Ok(tenancies.filter(|found| after.as_ref().is_none_or(|after| found > after)).take(limit as usize).collect())
    }
}
