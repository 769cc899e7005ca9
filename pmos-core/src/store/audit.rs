use async_trait::async_trait;

use crate::{
    Page, PageRequest, Result, Timestamp,
    audit::{AuditHead, AuditRecord, Outcome},
};

/// Which records are asked for; an empty filter asks for all.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// By this actor.
    pub actor: Option<String>,
    /// This action.
    pub action: Option<String>,
    /// About this object.
    pub subject: Option<String>,
    /// That ended so.
    pub outcome: Option<Outcome>,
    /// At or after.
    pub since: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
}

/// An audit chain. It grows by commits alone.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait AuditRepository: Send {
    /// A page of records up to the end of the chain, newest first; the cursor's key is the place in the chain.
    async fn list(&mut self, filter: &AuditFilter, page: &PageRequest) -> Result<Page<AuditRecord>>;
    /// Records after a place in the chain, in order, at most `limit`.
    async fn after(&mut self, seq: u64, limit: u32) -> Result<Vec<AuditRecord>>;
    /// The highest place at which a record stands, in the chain or behind its end.
    async fn last(&mut self) -> Result<Option<u64>>;
    /// Where the chain ends, as kept apart from the records.
    async fn head(&mut self) -> Result<AuditHead>;
}
