use async_trait::async_trait;
use pmos_core::{
    Result, Timestamp,
    store::{AnswerKey, IdempotencyRepository, StoredAnswer},
};

use super::{system::System, unit::Unit};

#[async_trait]
impl IdempotencyRepository for Unit {
    async fn get(&mut self, key: &AnswerKey) -> Result<Option<StoredAnswer>> {
        Ok(self.read(|tenant| tenant.answers.get(key)))
    }

    async fn purge(&mut self, before: Timestamp, limit: u32) -> Result<u64> {
        Ok(self.write()?.map_or(0, |tenant| tenant.answers.purge(before, limit)))
    }
}

#[async_trait]
impl IdempotencyRepository for System {
    async fn get(&mut self, key: &AnswerKey) -> Result<Option<StoredAnswer>> {
        Ok(self.work.read(|instance| instance.answers.get(key)))
    }

    async fn purge(&mut self, before: Timestamp, limit: u32) -> Result<u64> {
        Ok(self.work.write()?.answers.purge(before, limit))
    }
}
