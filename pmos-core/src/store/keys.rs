use async_trait::async_trait;

use crate::{
    ApiKeyId, Page, PageRequest, Result, Timestamp, UserId, api_key::ApiKey, identity::TokenHash, vault::Sealed,
};

/// API keys of the workspace.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait ApiKeyRepository: Send {
    /// A page of keys, newest first: those of `owner` alone, or all when none is named.
    async fn list(&mut self, owner: Option<UserId>, page: &PageRequest) -> Result<Page<ApiKey>>;
    /// One key.
    async fn get(&mut self, id: ApiKeyId) -> Result<Option<ApiKey>>;
    /// Adds one.
    async fn insert(&mut self, key: &ApiKey, token: TokenHash) -> Result<()>;
    /// Takes one away.
    async fn remove(&mut self, id: ApiKeyId) -> Result<bool>;
    /// Takes all keys of a person away, as when they leave.
    async fn remove_of(&mut self, owner: UserId) -> Result<u64>;
    /// Notes that one was used.
    async fn touch(&mut self, id: ApiKeyId, at: Timestamp) -> Result<bool>;
}

/// The data key of the workspace, sealed under the master key.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait DataKeyRepository: Send {
    /// The sealed key; none before the first secret.
    async fn get(&mut self) -> Result<Option<Sealed>>;
    /// Keeps the key; `false` when there is one already, which then stays.
    async fn put(&mut self, wrapped: &Sealed) -> Result<bool>;
}
