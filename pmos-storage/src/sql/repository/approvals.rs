//! Calls that wait for an approval and what became of them, what has to be approved, and approvals that hold for a time.

use async_trait::async_trait;
use pmos_core::{
    ApprovalId, ChatId, Cursor, GrantId, Id, Page, PageRequest, Result, Timestamp, TurnId, UserId,
    approval::{Approval, ApprovalPolicy, Grant, Origin},
    store::{ApprovalFilter, ApprovalRepository, KeptPolicy},
    vault::Sealed,
};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{super::Unit, before, journal::plain, most, query, rows};
use crate::sql::value::{big, bytes, from_json, json, list, number, parsed, raw};

macro_rules! approval {
    () => {
        "select id, status, requester, channel, session_id, turn_id, action, effect, summary, input, secrets, digest, \
         preview, key, needs, decisions, edited, at, expires_at, finished_at, result, error, told, revision \
         from approvals where workspace_id = $1 "
    };
}

statements! {
    INSERT = "insert into approvals (workspace_id, id, status, requester, channel, session_id, turn_id, action, effect, \
              summary, input, secrets, digest, preview, key, needs, decisions, edited, at, expires_at, finished_at, \
              result, error, told, revision) \
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, \
              $22, $23, $24, $25)";
    GET = concat!(approval!(), "and id = $2");
    LIST = concat!(approval!(), "and id < $2 and requester = coalesce($4, requester) order by id desc limit $3");
    LIST_AS = concat!(
        approval!(),
        "and id < $2 and requester = coalesce($4, requester) and status = $5 order by id desc limit $3");
    COUNT_PENDING = "select count(*) from approvals where workspace_id = $1 and status = 'pending'";
    UPDATE = "update approvals set status = $4, input = $5, secrets = $6, digest = $7, decisions = $8, edited = $9, \
              finished_at = $10, result = $11, error = $12, told = $13, revision = revision + 1 \
              where workspace_id = $1 and id = $2 and revision = $3";
    EXECUTE = "update approvals set status = 'executed', finished_at = $3, revision = revision + 1 \
               where workspace_id = $1 and id = $2 and status = 'approved'";
    FREE = "delete from answers where workspace_id = $1 and approval_id = $2";
    PURGE = "delete from approvals where workspace_id = $1 and id in \
             (select id from approvals where workspace_id = $1 and finished_at < $2 order by finished_at, id limit $3)";
    PURGE_GRANTS = "delete from approval_grants where workspace_id = $1 and id in \
                    (select id from approval_grants where workspace_id = $1 and expires_at < $2 order by id limit $3)";
    POLICY = "select revision, policy from approval_policies where workspace_id = $1";
    FIRST_POLICY = "insert into approval_policies (workspace_id, revision, policy) values ($1, 1, $2) \
                    on conflict (workspace_id) do nothing";
    NEXT_POLICY = "update approval_policies set revision = revision + 1, policy = $2 \
                   where workspace_id = $1 and revision = $3";
    GRANT = "insert into approval_grants \
             (workspace_id, id, requester, action, summary, digest, granted_by, at, expires_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    GRANTS = "select id, requester, action, summary, digest, granted_by, at, expires_at from approval_grants \
              where workspace_id = $1 and id < $2 and expires_at > $4 order by id desc limit $3";
    GRANTED = "select count(*) from approval_grants \
               where workspace_id = $1 and requester = $2 and digest = $3 and action = $4 and expires_at > $5";
    REVOKE = "delete from approval_grants where workspace_id = $1 and id = $2";
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    status: String,
    requester: Uuid,
    channel: String,
    session_id: Option<Uuid>,
    turn_id: Option<Uuid>,
    action: String,
    effect: String,
    summary: String,
    input: String,
    secrets: Option<Vec<u8>>,
    digest: Vec<u8>,
    preview: Option<String>,
    key: Option<String>,
    needs: i64,
    decisions: String,
    edited: bool,
    at: i64,
    expires_at: i64,
    finished_at: Option<i64>,
    result: Option<String>,
    error: Option<String>,
    told: bool,
    revision: i64,
}

impl Row {
    fn read(self) -> Result<Approval> {
        Ok(Approval {
            id: ApprovalId::from_uuid(self.id),
            status: parsed("approvals.status", &self.status)?,
            requester: UserId::from_uuid(self.requester),
            channel: parsed("approvals.channel", &self.channel)?,
            origin: Origin {
                session: self.session_id.map(ChatId::from_uuid),
                turn: self.turn_id.map(TurnId::from_uuid),
            },
            action: self.action,
            effect: parsed("approvals.effect", &self.effect)?,
            summary: self.summary,
            input: raw("approvals.input", self.input)?,
            secrets: self.secrets.map(Sealed::from_bytes),
            digest: bytes("approvals.digest", &self.digest)?,
            preview: self.preview.map(|preview| raw("approvals.preview", preview)).transpose()?,
            key: self.key,
            needs: number("approvals.needs", self.needs)?,
            decisions: list("approvals.decisions", &self.decisions)?,
            edited: self.edited,
            at: Timestamp::from_micros(self.at),
            expires_at: Timestamp::from_micros(self.expires_at),
            finished_at: self.finished_at.map(Timestamp::from_micros),
            result: self.result.map(|result| raw("approvals.result", result)).transpose()?,
            error: self.error,
            told: self.told,
            revision: number("approvals.revision", self.revision)?,
        })
    }
}

#[derive(sqlx::FromRow)]
struct GrantRow {
    id: Uuid,
    requester: Uuid,
    action: String,
    summary: String,
    digest: Vec<u8>,
    granted_by: Uuid,
    at: i64,
    expires_at: i64,
}

impl GrantRow {
    fn read(self) -> Result<Grant> {
        Ok(Grant {
            id: GrantId::from_uuid(self.id),
            requester: UserId::from_uuid(self.requester),
            action: self.action,
            summary: self.summary,
            digest: bytes("approval_grants.digest", &self.digest)?,
            by: UserId::from_uuid(self.granted_by),
            at: Timestamp::from_micros(self.at),
            expires_at: Timestamp::from_micros(self.expires_at),
        })
    }
}

fn text(value: Option<&RawValue>) -> Option<&str> {
    value.map(RawValue::get)
}

#[async_trait]
impl ApprovalRepository for Unit {
    async fn insert(&mut self, approval: &Approval) -> Result<()> {
        let insert = query(INSERT)
            .bind(self.workspace)
            .bind(approval.id.uuid())
            .bind(approval.status.as_str())
            .bind(approval.requester.uuid())
            .bind(approval.channel.as_str())
            .bind(approval.origin.session.map(Id::uuid))
            .bind(approval.origin.turn.map(Id::uuid))
            .bind(&approval.action)
            .bind(approval.effect.as_str())
            .bind(&approval.summary)
            .bind(approval.input.get())
            .bind(approval.secrets.as_ref().map(Sealed::bytes))
            .bind(approval.digest.as_slice())
            .bind(text(approval.preview.as_deref()))
            .bind(&approval.key)
            .bind(i64::from(approval.needs))
            .bind(json(&approval.decisions)?)
            .bind(approval.edited)
            .bind(approval.at.micros())
            .bind(approval.expires_at.micros())
            .bind(approval.finished_at.map(Timestamp::micros))
            .bind(text(approval.result.as_deref()))
            .bind(approval.error.as_deref().map(plain))
            .bind(approval.told)
            .bind(big(approval.revision));
        self.change("keep a request for approval", insert).await?;
        Ok(())
    }

    async fn get(&mut self, id: ApprovalId) -> Result<Option<Approval>> {
        let get = rows::<Row>(GET).bind(self.workspace).bind(id.uuid());
        self.find("read a request for approval", get).await?.map(Row::read).transpose()
    }

    async fn list(&mut self, filter: ApprovalFilter, page: &PageRequest) -> Result<Page<Approval>> {
        let list = rows::<Row>(if filter.status.is_some() { LIST_AS } else { LIST })
            .bind(self.workspace)
            .bind(before(page))
            .bind(most(page))
            .bind(filter.requester.map(Id::uuid));
        let list = match filter.status {
            Some(status) => list.bind(status.as_str()),
            None => list,
        };
        let found = self.all("list requests for approval", list).await?;
        let found = found.into_iter().map(Row::read).collect::<Result<_>>()?;
        let owner = self.owner();
        Ok(Page::cut(found, page, |item: &Approval| Cursor::new(owner, item.id.uuid().as_u128())))
    }

    async fn count_pending(&mut self) -> Result<u64> {
        let count = rows::<(i64,)>(COUNT_PENDING).bind(self.workspace);
        number("approvals", self.one("count requests for approval", count).await?.0)
    }

    async fn update(&mut self, approval: &Approval) -> Result<bool> {
        let update = query(UPDATE)
            .bind(self.workspace)
            .bind(approval.id.uuid())
            .bind(big(approval.revision))
            .bind(approval.status.as_str())
            .bind(approval.input.get())
            .bind(approval.secrets.as_ref().map(Sealed::bytes))
            .bind(approval.digest.as_slice())
            .bind(json(&approval.decisions)?)
            .bind(approval.edited)
            .bind(approval.finished_at.map(Timestamp::micros))
            .bind(text(approval.result.as_deref()))
            .bind(approval.error.as_deref().map(plain))
            .bind(approval.told);
        Ok(self.change("change a request for approval", update).await? > 0)
    }

    async fn execute(&mut self, id: ApprovalId, at: Timestamp) -> Result<bool> {
        let operation = "take an approved call";
        let execute = query(EXECUTE).bind(self.workspace).bind(id.uuid()).bind(at.micros());
        if self.change(operation, execute).await? == 0 {
            return Ok(false);
        }
        self.change(operation, query(FREE).bind(self.workspace).bind(id.uuid())).await?;
        Ok(true)
    }

    async fn purge(&mut self, before: Timestamp, limit: u32) -> Result<u64> {
        let purge = query(PURGE).bind(self.workspace).bind(before.micros()).bind(i64::from(limit));
        let requests = self.change("purge old requests for approval", purge).await?;
        let purge = query(PURGE_GRANTS).bind(self.workspace).bind(before.micros()).bind(i64::from(limit));
        Ok(requests + self.change("purge old grants", purge).await?)
    }

    async fn policy(&mut self) -> Result<KeptPolicy> {
        let policy = rows::<(i64, String)>(POLICY).bind(self.workspace);
        let Some((revision, policy)) = self.find("read the approval policy", policy).await? else {
            return Ok(KeptPolicy::default());
        };
        Ok(KeptPolicy {
            revision: number("approval_policies.revision", revision)?,
            policy: from_json("approval_policies.policy", &policy)?,
        })
    }

    async fn set_policy(&mut self, seen: u64, policy: &ApprovalPolicy) -> Result<bool> {
        let set = query(if seen == 0 { FIRST_POLICY } else { NEXT_POLICY }).bind(self.workspace).bind(json(policy)?);
        let set = if seen == 0 { set } else { set.bind(big(seen)) };
        Ok(self.change("set the approval policy", set).await? > 0)
    }

    async fn insert_grant(&mut self, grant: &Grant) -> Result<()> {
        let insert = query(GRANT)
            .bind(self.workspace)
            .bind(grant.id.uuid())
            .bind(grant.requester.uuid())
            .bind(&grant.action)
            .bind(&grant.summary)
            .bind(grant.digest.as_slice())
            .bind(grant.by.uuid())
            .bind(grant.at.micros())
            .bind(grant.expires_at.micros());
        self.change("keep a grant", insert).await?;
        Ok(())
    }

    async fn grants(&mut self, now: Timestamp, page: &PageRequest) -> Result<Page<Grant>> {
        let list = rows::<GrantRow>(GRANTS).bind(self.workspace).bind(before(page)).bind(most(page)).bind(now.micros());
        let found = self.all("list grants", list).await?.into_iter().map(GrantRow::read).collect::<Result<_>>()?;
        let owner = self.owner();
        Ok(Page::cut(found, page, |item: &Grant| Cursor::new(owner, item.id.uuid().as_u128())))
    }

    async fn is_granted(&mut self, requester: UserId, action: &str, digest: &[u8; 32], now: Timestamp) -> Result<bool> {
        let granted = rows::<(i64,)>(GRANTED)
            .bind(self.workspace)
            .bind(requester.uuid())
            .bind(digest.to_vec())
            .bind(action.to_owned())
            .bind(now.micros());
        Ok(self.one("look for a grant", granted).await?.0 > 0)
    }

    async fn remove_grant(&mut self, id: GrantId) -> Result<bool> {
        let revoke = query(REVOKE).bind(self.workspace).bind(id.uuid());
        Ok(self.change("take a grant away", revoke).await? > 0)
    }
}
