use async_trait::async_trait;
use pmos_core::{Result, event::Event, store::EventRepository};

use super::unit::Unit;

#[async_trait]
impl EventRepository for Unit {
    async fn after(&mut self, seq: u64, limit: u32) -> Result<Vec<Event>> {
        Ok(self.read(|tenant| {
            let from = tenant.events.partition_point(|event| event.seq <= seq);
            tenant.events[from..].iter().take(limit as usize).cloned().collect()
        }))
    }

    async fn head(&mut self) -> Result<u64> {
        Ok(self.work.read(|instance| instance.logs.get(&Some(self.workspace)).map_or(0, |log| log.last_event)))
    }
}
