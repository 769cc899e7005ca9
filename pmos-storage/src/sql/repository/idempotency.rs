//! Answers that are remembered, so that a repeated request has no second effect.

use async_trait::async_trait;
use pmos_core::{
    Result, Timestamp,
    store::{AnswerKey, IdempotencyRepository, StoredAnswer},
};

use super::{super::Unit, query, rows};
use crate::sql::value::{bytes, raw};

statements! {
    GET = "select digest, answer, at from answers \
           where workspace_id = $1 and actor = $2 and action = $3 and key = $4";
    KEEP = "insert into answers (workspace_id, actor, action, key, digest, answer, at) \
            values ($1, $2, $3, $4, $5, $6, $7)";
    PURGE = "delete from answers where workspace_id = $1 and (actor, action, key) in \
             (select actor, action, key from answers where workspace_id = $1 and at < $2 order by at limit $3)";
}

#[async_trait]
impl IdempotencyRepository for Unit {
    async fn get(&mut self, key: &AnswerKey) -> Result<Option<StoredAnswer>> {
        let get = rows::<(Vec<u8>, Option<String>, i64)>(GET)
            .bind(self.workspace)
            .bind(&key.actor)
            .bind(key.action)
            .bind(&key.key);
        let Some((digest, answer, at)) = self.find("read a remembered answer", get).await? else { return Ok(None) };
        Ok(Some(StoredAnswer {
            key: key.clone(),
            digest: bytes("answers.digest", &digest)?,
            answer: answer.map(|answer| raw("answers.answer", answer)).transpose()?,
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
        let keep = query(KEEP)
            .bind(self.workspace)
            .bind(&answer.key.actor)
            .bind(answer.key.action)
            .bind(&answer.key.key)
            .bind(answer.digest.as_slice())
            .bind(answer.answer.as_ref().map(|answer| answer.get()))
            .bind(answer.at.micros());
        self.change("remember an answer", keep).await?;
        Ok(())
    }
}
