use async_trait::async_trait;
use pmos_core::{
    ApprovalId, Result,
    store::{ParkedCall, ParkedRepository},
};

use super::{
    state::{insert, remove},
    unit::Unit,
};

#[async_trait]
impl ParkedRepository for Unit {
    async fn insert(&mut self, call: &ParkedCall) -> Result<()> {
        insert(&mut self.fill()?.parked, call.id, call.clone())
    }

    async fn get(&mut self, id: ApprovalId) -> Result<Option<ParkedCall>> {
        Ok(self.read(|tenant| tenant.parked.get(&id).cloned()))
    }

    async fn take(&mut self, id: ApprovalId) -> Result<bool> {
        let Some(tenant) = self.write()? else { return Ok(false) };
        let taken = remove(&mut tenant.parked, &id);
        if taken {
            tenant.answers.free(id);
        }
        Ok(taken)
    }
}
