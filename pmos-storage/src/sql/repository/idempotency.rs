//! Answers that are remembered, so that a repeated request has no second effect.

use async_trait::async_trait;
use pmos_core::{
    ApprovalId, Id, Result, Timestamp,
    store::{AnswerKey, IdempotencyRepository, Remembered, StoredAnswer},
};
use sqlx::query::Query;
use uuid::Uuid;

use super::{
    super::{Db, Unit},
    Arguments, query, rows,
};
use crate::sql::value::{bytes, raw};

statements! {
    GET = "select digest, answer, approval_id, at from answers \
           where workspace_id = $1 and actor = $2 and action = $3 and key = $4";
    KEEP = "insert into answers (workspace_id, actor, action, key, digest, answer, at, approval_id) \
            values ($1, $2, $3, $4, $5, $6, $7, $8)";
    PURGE = "delete from answers where workspace_id = $1 and (actor, action, key) in \
             (select actor, action, key from answers where workspace_id = $1 and at < $2 order by at limit $3)";
}

#[async_trait]
impl IdempotencyRepository for Unit {
    async fn get(&mut self, key: &AnswerKey) -> Result<Option<StoredAnswer>> {
        let get = rows::<(Vec<u8>, Option<String>, Option<Uuid>, i64)>(GET)
            .bind(self.workspace)
            .bind(&key.actor)
            .bind(key.action)
            .bind(&key.key);
        let Some((digest, answer, approval, at)) = self.find("read a remembered answer", get).await? else {
            return Ok(None);
        };
        Ok(Some(StoredAnswer {
            key: key.clone(),
            digest: bytes("answers.digest", &digest)?,
            answer: match approval {
                Some(approval) => Remembered::Parked(ApprovalId::from_uuid(approval)),
                None => Remembered::Done(answer.map(|answer| raw("answers.answer", answer)).transpose()?),
            },
            at: Timestamp::from_micros(at),
        }))
    }

    async fn purge(&mut self, before: Timestamp, limit: u32) -> Result<u64> {
        let purge = query(PURGE).bind(self.workspace).bind(before.micros()).bind(i64::from(limit));
        self.change("forget old answers", purge).await
    }
}

impl Unit {
    /// Remembers an answer. The second of two units with the same key fails here, and with it all it did.
    pub(super) async fn remember(&mut self, answer: &StoredAnswer) -> Result<()> {
        self.change("remember an answer", keep(self.workspace, answer)).await?;
        Ok(())
    }
}

/// The statement that remembers an answer.
pub(super) fn keep(workspace: Uuid, answer: &StoredAnswer) -> Query<'static, Db, Arguments> {
    let (text, approval) = match &answer.answer {
        Remembered::Done(text) => (text.as_ref().map(|text| text.get().to_owned()), None),
        Remembered::Parked(approval) => (None, Some(approval.uuid())),
    };
    query(KEEP)
        .bind(workspace)
        .bind(answer.key.actor.clone())
        .bind(answer.key.action)
        .bind(answer.key.key.clone())
        .bind(answer.digest.to_vec())
        .bind(text)
        .bind(answer.at.micros())
        .bind(approval)
}
