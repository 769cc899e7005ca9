use std::sync::Arc;

use async_trait::async_trait;
use pmos_core::{Result, quota::QuotaKey, store::QuotaRepository};

use super::unit::Unit;

#[async_trait]
impl QuotaRepository for Unit {
    async fn all(&mut self) -> Result<Vec<(QuotaKey, u64)>> {
        Ok(self.read(|tenant| tenant.quotas.iter().map(|(key, limit)| (*key, *limit)).collect()))
    }

    async fn get(&mut self, key: QuotaKey) -> Result<Option<u64>> {
        Ok(self.read(|tenant| tenant.quotas.get(&key).copied()))
    }

    async fn set(&mut self, key: QuotaKey, limit: Option<u64>) -> Result<()> {
        let quotas = Arc::make_mut(&mut self.fill()?.quotas);
        match limit {
            Some(limit) => quotas.insert(key, limit),
            None => quotas.remove(&key),
        };
        Ok(())
    }
}
