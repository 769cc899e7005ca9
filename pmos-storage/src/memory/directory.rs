use std::ops::Bound;

use async_trait::async_trait;
use pmos_core::{
    FlowId, InvitationId, Result, RunId, UserId, WorkspaceId,
    identity::TokenHash,
    store::{Directory, FoundKey},
    workspace::Membership,
};

use super::{MemoryStore, state::Tenant};

impl MemoryStore {
    fn find<T>(&self, mut look: impl FnMut(WorkspaceId, &Tenant) -> Option<T>) -> Option<T> {
        self.0.committed.lock().tenants.iter().find_map(|(id, tenant)| look(*id, tenant))
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
            let role = key.owner.and_then(|owner| tenant.members.get(&owner)).map(|member| member.role);
            Some(FoundKey {
                workspace,
                key: key.id,
                owner: key.owner,
                role,
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

    async fn unfinished_runs(
        &self,
        after: Option<(WorkspaceId, RunId)>,
        limit: u32,
    ) -> Result<Vec<(WorkspaceId, RunId)>> {
        let instance = self.0.committed.lock();
        let mut runs: Vec<_> = instance
            .tenants
            .iter()
            .flat_map(|(workspace, tenant)| tenant.runs.values().map(|run| (run, *workspace)))
            .filter(|(run, _)| !run.remote && !run.row.summary.status.is_final())
            .map(|(run, workspace)| (run.row.summary.id, workspace))
            .filter(|place| after.is_none_or(|(workspace, run)| *place > (run, workspace)))
            .collect();
        runs.sort_unstable();
        Ok(runs.into_iter().take(limit as usize).map(|(run, workspace)| (workspace, run)).collect())
    }

    async fn workspaces(&self, after: Option<WorkspaceId>, limit: u32) -> Result<Vec<WorkspaceId>> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let instance = self.0.committed.lock();
        Ok(instance.tenants.range((from, Bound::Unbounded)).map(|(id, _)| *id).take(limit as usize).collect())
    }

    async fn tenancies(&self, after: Option<(WorkspaceId, String)>, limit: u32) -> Result<Vec<(WorkspaceId, String)>> {
        let instance = self.0.committed.lock();
        let places = instance
            .tenants
            .iter()
            .flat_map(|(id, tenant)| tenant.tenancies.keys().map(|engine| (*id, engine.clone())));
        Ok(places.filter(|place| after.as_ref().is_none_or(|after| place > after)).take(limit as usize).collect())
    }
}
