//! An audit chain, read.

use async_trait::async_trait;
use pmos_core::{
    Cursor, Page, PageRequest, Result, Timestamp,
    audit::{AuditHead, AuditRecord, Outcome},
    store::{AuditFilter, AuditRepository},
};

use super::{super::Unit, most, rows};
use crate::sql::value::{big, bytes, number};

statements! {
    LIST = "select seq, id, at, actor_kind, actor_id, action, outcome, subject_kind, subject_id, address, request, \
            note, hash from audit where workspace_id = $1 and seq < $2 \
            and seq <= (select audit_seq from heads where workspace_id = $1) \
            and (cast($4 as text) is null or actor_id = cast($4 as text)) \
            and (cast($5 as text) is null or action = cast($5 as text)) \
            and (cast($6 as text) is null or subject_id = cast($6 as text)) \
            and (cast($7 as text) is null or outcome = cast($7 as text)) \
            and at >= $8 and at < $9 \
            order by seq desc limit $3";
    AFTER = "select seq, id, at, actor_kind, actor_id, action, outcome, subject_kind, subject_id, address, request, \
             note, hash from audit where workspace_id = $1 and seq > $2 order by seq limit $3";
    LAST = "select max(seq) from audit where workspace_id = $1";
    HEAD = "select audit_seq, audit_hash from heads where workspace_id = $1";
}

#[derive(sqlx::FromRow)]
struct Row {
    seq: i64,
    id: String,
    at: i64,
    actor_kind: String,
    actor_id: String,
    action: String,
    outcome: String,
    subject_kind: Option<String>,
    subject_id: Option<String>,
    address: Option<String>,
    request: String,
    note: Option<String>,
    hash: Vec<u8>,
}

impl Row {
    fn read(self) -> Result<AuditRecord> {
        Ok(AuditRecord {
            seq: number("audit.seq", self.seq)?,
            id: self.id,
            at: Timestamp::from_micros(self.at),
            actor_kind: self.actor_kind,
            actor_id: self.actor_id,
            action: self.action,
            outcome: self.outcome,
            subject_kind: self.subject_kind,
            subject_id: self.subject_id,
            address: self.address,
            request: self.request,
            note: self.note,
            hash: bytes("audit.hash", &self.hash)?,
        })
    }
}

#[async_trait]
impl AuditRepository for Unit {
    async fn list(&mut self, filter: &AuditFilter, page: &PageRequest) -> Result<Page<AuditRecord>> {
        let before = page.after.map_or(i64::MAX, |cursor| i64::try_from(cursor.key()).unwrap_or(i64::MAX));
        let list = rows::<Row>(LIST)
            .bind(self.workspace)
            .bind(before)
            .bind(most(page))
            .bind(&filter.actor)
            .bind(&filter.action)
            .bind(&filter.subject)
            .bind(filter.outcome.map(Outcome::as_str))
            .bind(filter.since.map_or(i64::MIN, Timestamp::micros))
            .bind(filter.until.map_or(i64::MAX, Timestamp::micros));
        let records = self.all("list the audit", list).await?.into_iter().map(Row::read).collect::<Result<_>>()?;
        let owner = self.owner();
        Ok(Page::cut(records, page, |record: &AuditRecord| Cursor::new(owner, u128::from(record.seq))))
    }

    async fn after(&mut self, seq: u64, limit: u32) -> Result<Vec<AuditRecord>> {
        let after = rows::<Row>(AFTER).bind(self.workspace).bind(big(seq)).bind(i64::from(limit));
        self.all("read the audit", after).await?.into_iter().map(Row::read).collect()
    }

    async fn last(&mut self) -> Result<Option<u64>> {
        let last = rows::<(Option<i64>,)>(LAST).bind(self.workspace);
        let (last,) = self.one("read the last place of the audit", last).await?;
        last.map(|seq| number("audit.seq", seq)).transpose()
    }

    async fn head(&mut self) -> Result<AuditHead> {
        let head = rows::<(i64, Vec<u8>)>(HEAD).bind(self.workspace);
        match self.find("read the end of the audit", head).await? {
            Some((seq, hash)) => {
                Ok(AuditHead { seq: number("heads.audit_seq", seq)?, hash: bytes("heads.audit_hash", &hash)? })
            }
            None => Ok(AuditHead { seq: 0, hash: [0; 32] }),
        }
    }
}
