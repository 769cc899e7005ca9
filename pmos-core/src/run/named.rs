//! Deliveries that their senders name, so that one which is sent again begins no second run.

use std::time::Duration;

use serde_json::value::{RawValue, to_raw_value};
use sha2::{Digest, Sha256};

use super::{Answer, InboundRequest, RunStatus, RunSummary};
use crate::{
    Error, FlowId, Kind, Result, RunId, Timestamp, WorkspaceId,
    cluster::{Lease, LeaseKey},
    request::IdempotencyKey,
    store::{AnswerKey, Remembered, StoredAnswer, UnitOfWork},
};

/// Under which action the run that a delivery began is remembered.
const BEGUN: &str = "hooks.deliver";
/// Under which its answer is.
const ANSWERED: &str = "hooks.answer";

/// A delivery with a name of its sender's, for one flow.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    key: AnswerKey,
    digest: [u8; 32],
}

impl Named {
    /// The name in `Idempotency-Key`, or in `webhook-id`, which senders of Standard Webhooks send; none without one.
    ///
    /// # Errors
    /// `invalid_input` when the key cannot be one.
    pub(super) fn of(flow: FlowId, request: &InboundRequest) -> Result<Option<Self>> {
        let key = match request.text("idempotency-key") {
            Some(key) => Some(key.parse::<IdempotencyKey>()?),
            // What only looks like one is of no concern.
            None => request.text("webhook-id").and_then(|id| id.parse().ok()),
        };
        Ok(key.map(|key| Self {
            key: AnswerKey { actor: flow.to_string(), action: BEGUN, key: key.as_str().to_owned() },
            digest: digest(request),
        }))
    }

    /// What keeps the same delivery from beginning a run beside the first.
    pub(super) fn lease(&self, workspace: WorkspaceId) -> LeaseKey {
        LeaseKey::Request(Some(workspace), self.key.clone())
    }

    /// That the delivery began this run.
    pub(super) fn begun(&self, run: RunId, at: Timestamp) -> Result<StoredAnswer> {
        self.remember(BEGUN, to_raw_value(&run), at)
    }

    /// What the sender was answered.
    pub(super) fn answered(&self, answer: &Answer, at: Timestamp) -> Result<StoredAnswer> {
        self.remember(ANSWERED, to_raw_value(answer), at)
    }

    fn remember(
        &self,
        action: &'static str,
        text: serde_json::Result<Box<RawValue>>,
        at: Timestamp,
    ) -> Result<StoredAnswer> {
        let text = text.map_err(|cause| Error::internal("remember a delivery").because(cause))?;
        let key = AnswerKey { action, ..self.key.clone() };
        Ok(StoredAnswer { key, digest: self.digest, answer: Remembered::Done(Some(text)), at })
    }

    /// The answer to the same delivery before; none when this is the first.
    ///
    /// # Errors
    /// `idempotency_mismatch` when it had another content, `in_progress` when its run has no answer yet.
    pub(super) async fn answer_before(&self, unit: &mut dyn UnitOfWork) -> Result<Option<Answer>> {
        let Some(begun) = unit.idempotency().get(&self.key).await? else { return Ok(None) };
        if begun.digest != self.digest {
            let detail =
                "This Idempotency-Key or webhook-id was used for a delivery with another content. Use a new one.";
            return Err(Error::new(Kind::Invalid, "idempotency_mismatch", detail));
        }
        let key = AnswerKey { action: ANSWERED, ..self.key.clone() };
        if let Some(before) = unit.idempotency().get(&key).await? {
            return read(before).map(Some);
        }
        let run: RunId = read(begun)?;
        let Some(row) = unit.runs().get(run).await? else { return Ok(Some(receipt(202, run))) };
        if row.summary.status.is_final() { unanswered(row.summary).map(Some) } else { Err(in_progress()) }
    }
}

/// A delivery that begins a run, for as long as the run is under way in this process.
#[derive(Debug)]
pub(crate) struct First {
    pub(super) named: Named,
    pub(super) _alone: Lease,
}

/// The first is not answered yet.
pub(super) fn in_progress() -> Error {
    let detail = "The run of the first delivery of this name is still at work. Send it again in a moment.";
    Error::new(Kind::Conflict, "in_progress", detail).retry_after(Duration::from_secs(1))
}

/// The answer of a run that ended when its sender could not be answered any more, because the process was gone.
fn unanswered(run: RunSummary) -> Result<Answer> {
    match (run.status, run.result) {
        (RunStatus::Succeeded, Some(result)) => Ok(Answer { status: 200, headers: Vec::new(), body: parse(&result)? }),
        (RunStatus::Succeeded, None) => Ok(receipt(202, run.id)),
        _ => Ok(receipt(422, run.id)),
    }
}

fn receipt(status: u16, run: RunId) -> Answer {
    Answer { status, headers: Vec::new(), body: serde_json::json!({"run": run}) }
}

fn read<T: serde::de::DeserializeOwned>(stored: StoredAnswer) -> Result<T> {
    match stored.answer {
        Remembered::Done(Some(text)) => parse(&text),
        _ => Err(Error::internal("read a remembered delivery")),
    }
}

fn parse<T: serde::de::DeserializeOwned>(text: &RawValue) -> Result<T> {
    serde_json::from_str(text.get()).map_err(|cause| Error::internal("read a remembered delivery").because(cause))
}

/// What makes two deliveries the same: not the headers, which say when and by which way one came.
fn digest(request: &InboundRequest) -> [u8; 32] {
    let mut digest = Sha256::new();
    for part in [request.method.as_bytes(), request.query.as_deref().unwrap_or_default().as_bytes(), &request.body] {
        digest.update(part.len().to_le_bytes());
        digest.update(part);
    }
    digest.finalize().into()
}
