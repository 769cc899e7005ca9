use async_trait::async_trait;

use crate::{Result, event::Event};

/// The workspace log. It grows by commits alone.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait EventRepository: Send {
    /// Events after a number, in order, at most `limit`.
    async fn after(&mut self, seq: u64, limit: u32) -> Result<Vec<Event>>;
    /// The number of the last event, 0 for none.
    async fn head(&mut self) -> Result<u64>;
}
