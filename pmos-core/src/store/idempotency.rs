use async_trait::async_trait;
use serde_json::value::RawValue;

use crate::{ApprovalId, Result, Timestamp};

/// Which request an answer belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AnswerKey {
    /// Who asked.
    pub actor: String,
    /// For what.
    pub action: &'static str,
    /// The caller's own name for the request.
    pub key: String,
}

/// The answer to a request, remembered so that a repeated one has no second effect.
#[derive(Debug, Clone)]
pub struct StoredAnswer {
    /// Which request it belongs to.
    pub key: AnswerKey,
    /// A hash over the input, so that the same key with another input is noticed.
    pub digest: [u8; 32],
    /// What was answered.
    pub answer: Remembered,
    /// When it was given.
    pub at: Timestamp,
}

/// What was answered to a request.
#[derive(Debug, Clone)]
pub enum Remembered {
    /// The answer of an act that was done; none when it held a secret that is shown only once.
    Done(Option<Box<RawValue>>),
    /// That it waits for an approval.
    Parked(ApprovalId),
}

/// Remembered answers of the workspace. They are added by commits alone.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait IdempotencyRepository: Send {
    /// The answer given before.
    async fn get(&mut self, key: &AnswerKey) -> Result<Option<StoredAnswer>>;
    /// Forgets answers given before, at most `limit`; how many it were.
    async fn purge(&mut self, before: Timestamp, limit: u32) -> Result<u64>;
}
