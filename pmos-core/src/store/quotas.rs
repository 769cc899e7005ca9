use async_trait::async_trait;

use crate::{Result, quota::QuotaKey};

/// Limits of the workspace; what is not there is unlimited.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait QuotaRepository: Send {
    /// All that are set.
    async fn all(&mut self) -> Result<Vec<(QuotaKey, u64)>>;
    /// One of them, read so that two units cannot both use what is left of it.
    async fn get(&mut self, key: QuotaKey) -> Result<Option<u64>>;
    /// Sets or, with none, lifts one.
    async fn set(&mut self, key: QuotaKey, limit: Option<u64>) -> Result<()>;
}
