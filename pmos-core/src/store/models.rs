use async_trait::async_trait;

use crate::{Result, model::Provider};

/// The providers of models that the workspace connected.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait ModelRepository: Send {
    /// All of them, by name.
    async fn list(&mut self) -> Result<Vec<Provider>>;
    /// One of them.
    async fn get(&mut self, name: &str) -> Result<Option<Provider>>;
    /// Adds one, or writes all of a known one anew. When it is preferred, no other one is any more.
    async fn put(&mut self, provider: &Provider) -> Result<()>;
    /// Takes one away.
    async fn remove(&mut self, name: &str) -> Result<bool>;
}
