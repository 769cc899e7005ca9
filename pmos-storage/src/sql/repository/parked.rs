//! Calls that wait for an approval.

use async_trait::async_trait;
use pmos_core::{
    ApprovalId, Id, Result, Timestamp, UserId,
    store::{ParkedCall, ParkedRepository},
    vault::Sealed,
};
use uuid::Uuid;

use super::{super::Unit, query, rows};
use crate::sql::value::{parsed, raw};

statements! {
    INSERT = "insert into parked (workspace_id, id, requester, channel, action, input, secrets, key, at) \
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    GET = "select id, requester, channel, action, input, secrets, key, at from parked where workspace_id = $1 and id = $2";
    TAKE = "delete from parked where workspace_id = $1 and id = $2";
    FREE = "delete from answers where workspace_id = $1 and approval_id = $2";
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    requester: Uuid,
    channel: String,
    action: String,
    input: String,
    secrets: Option<Vec<u8>>,
    key: Option<String>,
    at: i64,
}

#[async_trait]
impl ParkedRepository for Unit {
    async fn insert(&mut self, call: &ParkedCall) -> Result<()> {
        let insert = query(INSERT)
            .bind(self.workspace)
            .bind(call.id.uuid())
            .bind(call.requester.uuid())
            .bind(call.channel.as_str())
            .bind(&call.action)
            .bind(call.input.get())
            .bind(call.secrets.as_ref().map(Sealed::bytes))
            .bind(&call.key)
            .bind(call.at.micros());
        self.change("park a call", insert).await?;
        Ok(())
    }

    async fn get(&mut self, id: ApprovalId) -> Result<Option<ParkedCall>> {
        let get = rows::<Row>(GET).bind(self.workspace).bind(id.uuid());
        let Some(row) = self.find("find a parked call", get).await? else { return Ok(None) };
        Ok(Some(ParkedCall {
            id: ApprovalId::from_uuid(row.id),
            requester: UserId::from_uuid(row.requester),
            channel: parsed("parked.channel", &row.channel)?,
            action: row.action,
            input: raw("parked.input", row.input)?,
            secrets: row.secrets.map(Sealed::from_bytes),
            key: row.key,
            at: Timestamp::from_micros(row.at),
        }))
    }

    async fn take(&mut self, id: ApprovalId) -> Result<bool> {
        let take = query(TAKE).bind(self.workspace).bind(id.uuid());
        if self.change("take a parked call", take).await? == 0 {
            return Ok(false);
        }
        let free = query(FREE).bind(self.workspace).bind(id.uuid());
        self.change("take a parked call", free).await?;
        Ok(true)
    }
}
