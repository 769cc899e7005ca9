use std::sync::Arc;

use async_trait::async_trait;
use pmos_core::{Result, model::Provider, store::ModelRepository};

use super::{state::remove, unit::Unit};

#[async_trait]
impl ModelRepository for Unit {
    async fn list(&mut self) -> Result<Vec<Provider>> {
        Ok(self.read(|tenant| tenant.models.values().cloned().collect()))
    }

    async fn get(&mut self, name: &str) -> Result<Option<Provider>> {
        Ok(self.read(|tenant| tenant.models.get(name).cloned()))
    }

    async fn put(&mut self, provider: &Provider) -> Result<()> {
        let models = Arc::make_mut(&mut self.fill()?.models);
        if provider.preferred {
            for other in models.values_mut() {
                other.preferred = false;
            }
        }
        models.insert(provider.name.clone(), provider.clone());
        Ok(())
    }

    async fn remove(&mut self, name: &str) -> Result<bool> {
        let Some(tenant) = self.write()? else { return Ok(false) };
        Ok(remove(&mut tenant.models, &name.to_owned()))
    }
}
