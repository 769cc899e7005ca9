use async_trait::async_trait;
use serde_json::value::RawValue;

use crate::{ApprovalId, Channel, Result, Timestamp, UserId, vault::Sealed};

/// A call that waits for an approval, with all that carries it out later.
#[derive(Debug, Clone)]
pub struct ParkedCall {
    /// What it waits for.
    pub id: ApprovalId,
    /// On whose behalf it was called.
    pub requester: UserId,
    /// By which way it came in.
    pub channel: Channel,
    /// The action.
    pub action: String,
    /// Its input, without what is secret of it.
    pub input: Box<RawValue>,
    /// What is secret of its input, a JSON object by field; none when nothing is.
    pub secrets: Option<Sealed>,
    /// The caller's own name for the request.
    pub key: Option<String>,
    /// When it was called.
    pub at: Timestamp,
}

/// Calls of the workspace that wait for an approval.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait ParkedRepository: Send {
    /// Keeps one.
    async fn insert(&mut self, call: &ParkedCall) -> Result<()>;
    /// One that still waits.
    async fn get(&mut self, id: ApprovalId) -> Result<Option<ParkedCall>>;
    /// Takes one out to carry it out, and frees its idempotency key for the answer; false when it does not wait any more.
    async fn take(&mut self, id: ApprovalId) -> Result<bool>;
}
