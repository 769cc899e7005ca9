use async_trait::async_trait;
use pmos_core::{Result, store::WorkspaceRepository, workspace::WorkspaceProfile};

use super::{state::remove, unit::Unit};

#[async_trait]
impl WorkspaceRepository for Unit {
    async fn get(&mut self) -> Result<Option<WorkspaceProfile>> {
        Ok(self.read(|tenant| Some(tenant.profile.clone())))
    }

    async fn update(&mut self, profile: &WorkspaceProfile) -> Result<bool> {
        let Some(tenant) = self.write()? else { return Ok(false) };
        let (id, created_at) = (tenant.profile.id, tenant.profile.created_at);
        tenant.profile.clone_from(profile);
        (tenant.profile.id, tenant.profile.created_at) = (id, created_at);
        Ok(true)
    }

    async fn delete(&mut self) -> Result<bool> {
        Ok(remove(&mut self.work.write()?.tenants, &self.workspace))
    }
}
