use std::borrow::Cow;

use async_trait::async_trait;

use super::SOON;
use crate::{
    FlowId, Result, Timestamp, WorkspaceScope,
    action::Outward,
    cluster::LeaseKey,
    engine::{TenancyKey, follow},
    job::Job,
    services::Services,
};

/// Follows one flow.
#[derive(Debug)]
pub(super) struct FollowFlow {
    pub(super) services: Services,
    pub(super) flow: FlowId,
    pub(super) tenancy: TenancyKey,
}

impl FollowFlow {
    #[tracing::instrument(name = "follow", skip_all, fields(workspace = %self.tenancy.0, engine = self.tenancy.1, flow = %self.flow))]
    async fn look(&self) -> Result<()> {
        let (workspace, name) = &self.tenancy;
        let engine = self.services.engines.get(name)?.clone();
        let scope = WorkspaceScope::system(*workspace, "follow an engine");
        let mut outward = Outward::of(&self.services);
        let tenancy = outward.require_tenancy(&scope, &*engine).await?;
        let _lease = self.services.leases.acquire(LeaseKey::Flow(self.flow)).await?;
        follow(&mut outward, &*engine, &tenancy, self.flow).await?;
        Ok(())
    }
}

#[async_trait]
impl Job for FollowFlow {
    fn key(&self) -> Cow<'static, str> {
        format!("flow {}", self.flow).into()
    }

    async fn tick(&self, now: Timestamp) -> Result<Timestamp> {
        if let Err(error) = self.look().await {
            tracing::debug!(flow = %self.flow, ?error, "an open automation could not be looked at");
        }
        Ok(now.plus(SOON))
    }
}
