use std::sync::Arc;

use async_trait::async_trait;
use pmos_core::{
    Result,
    engine::ExternalId,
    store::{EngineRepository, ObjectKind, OwnedObject, TenancyRow},
};
use uuid::Uuid;

use super::{
    state::{Tenant, remove},
    unit::Unit,
};

impl Tenant {
    /// The objects of a kind, in order of our ids.
    fn owned_of(&self, engine: &str, kind: ObjectKind) -> impl Iterator<Item = &OwnedObject> {
        let at = |id| (engine.to_owned(), kind, id);
        self.owned.range(at(Uuid::nil())..=at(Uuid::max())).map(|(_, object)| object)
    }

    /// Our id of an object, if it is on this server.
    fn known_as(&self, engine: &str, server: &str, object: &OwnedObject) -> Option<Uuid> {
        self.tenancies.get(engine).filter(|tenancy| tenancy.instance == server)?;
        self.owned_of(engine, object.kind).find(|known| known.external == object.external).map(|known| known.id)
    }
}

#[async_trait]
impl EngineRepository for Unit {
    async fn tenancies(&mut self) -> Result<Vec<TenancyRow>> {
        Ok(self.read(|tenant| tenant.tenancies.values().cloned().collect()))
    }

    async fn tenancy(&mut self, engine: &str) -> Result<Option<TenancyRow>> {
        Ok(self.read(|tenant| tenant.tenancies.get(engine).cloned()))
    }

    async fn put_tenancy(&mut self, tenancy: &TenancyRow) -> Result<()> {
        let tenant = self.fill()?;
        let before = Arc::make_mut(&mut tenant.tenancies).insert(tenancy.engine.clone(), tenancy.clone());
        if before.is_some_and(|before| before.instance != tenancy.instance) {
            Arc::make_mut(&mut tenant.owned).retain(|(engine, ..), _| *engine != tenancy.engine);
        }
        Ok(())
    }

    async fn remove_tenancy(&mut self, engine: &str) -> Result<bool> {
        let Some(tenant) = self.write()? else { return Ok(false) };
        Arc::make_mut(&mut tenant.owned).retain(|(of, ..), _| of != engine);
        Ok(remove(&mut tenant.tenancies, &engine.to_owned()))
    }

    async fn claim(&mut self, engine: &str, object: &OwnedObject) -> Result<bool> {
        let instance = self.work.write()?;
        let tenancy = instance.tenants.get(&self.workspace).and_then(|tenant| tenant.tenancies.get(engine));
        let Some(server) = tenancy.map(|tenancy| &tenancy.instance) else { return Ok(false) };
        let mut others = instance
            .tenants
            .iter()
            .filter_map(|(workspace, tenant)| tenant.known_as(engine, server, object).map(|id| (*workspace, id)));
        if others.any(|owner| owner != (self.workspace, object.id)) {
            return Ok(false);
        }
        Arc::make_mut(&mut self.fill()?.owned).insert((engine.to_owned(), object.kind, object.id), object.clone());
        Ok(true)
    }

    async fn owned(&mut self, engine: &str, kind: ObjectKind, id: Uuid) -> Result<Option<OwnedObject>> {
        Ok(self.read(|tenant| tenant.owned.get(&(engine.to_owned(), kind, id)).cloned()))
    }

    async fn owned_as(&mut self, engine: &str, kind: ObjectKind, external: &ExternalId) -> Result<Option<OwnedObject>> {
        Ok(self.read(|tenant| tenant.owned_of(engine, kind).find(|known| known.external == *external).cloned()))
    }

    async fn all_owned(&mut self, engine: &str, kind: ObjectKind) -> Result<Vec<OwnedObject>> {
        Ok(self.read(|tenant| tenant.owned_of(engine, kind).cloned().collect()))
    }

    async fn release(&mut self, engine: &str, kind: ObjectKind, id: Uuid) -> Result<bool> {
        let Some(tenant) = self.write()? else { return Ok(false) };
        Ok(remove(&mut tenant.owned, &(engine.to_owned(), kind, id)))
    }
}
