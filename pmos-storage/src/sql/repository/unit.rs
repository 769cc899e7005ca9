//! The two kinds of units, and how they end: what happened is numbered by the last statements before the commit.

use async_trait::async_trait;
use pmos_core::{
    Error, Result, WorkspaceId,
    audit::{AuditEntry, AuditHead, AuditRecord, link},
    event::{Event, NewEvent},
    store::{
        AccountRepository, ApiKeyRepository, AuditRepository, Closing, ConnectionRepository, DataKeyRepository,
        EngineRepository, EventRepository, FlowRepository, IdempotencyRepository, InvitationRepository,
        MemberRepository, ParkedRepository, QuotaRepository, RunRepository, SessionRepository, StoredAnswer,
        SystemUnit, UnitOfWork, WorkspaceList, WorkspaceRepository,
    },
};

use tracing::Instrument as _;

use super::{super::Unit, events::audience_name, query, rows, statement};
use crate::sql::value::{big, bytes, number};

statements! {
    // Says too whether the workspace is still there: one that was deleted in this unit keeps its audit chain alone.
    NUMBER = "update heads set event_seq = event_seq + $2 where workspace_id = $1 \
              returning event_seq, audit_seq, audit_hash, \
              exists (select 1 from workspaces where workspaces.workspace_id = heads.workspace_id) as alive";
    EVENT = "insert into events (workspace_id, seq, kind, audience, body) values ($1, $2, $3, $4, $5)";
    AUDIT = "insert into audit (workspace_id, seq, id, at, actor_kind, actor_id, action, outcome, subject_kind, \
             subject_id, address, request, note, hash) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    AUDIT_HEAD = "update heads set audit_seq = $2, audit_hash = $3 where workspace_id = $1";
}

impl Unit {
    /// Writes down what happened and who did it; says whether the workspace is still there.
    async fn record(&mut self, events: Vec<NewEvent>, audit: &[AuditEntry]) -> Result<(Vec<Event>, bool)> {
        if events.is_empty() && audit.is_empty() {
            return Ok((Vec::new(), true));
        }
        self.must_write("write down what happened")?;
        self.take_turn().await;
        let count = events.len() as u64;
        let number_events = rows::<(i64, i64, Vec<u8>, bool)>(NUMBER).bind(self.workspace).bind(big(count));
        let head = self.find("number what happened", number_events).await?;
        let (last, audit_seq, audit_hash, alive) = head.ok_or_else(Error::not_found)?;
        let first = number::<u64>("heads.event_seq", last)?.saturating_sub(count) + 1;
        let events: Vec<Event> = (first..)
            .zip(events)
            .map(|(seq, new)| Event { seq, kind: new.kind.to_owned(), audience: new.audience, body: new.body.into() })
            .collect();
        if alive {
            for event in &events {
                self.append_event(event).await?;
            }
        }
        let head =
            AuditHead { seq: number("heads.audit_seq", audit_seq)?, hash: bytes("heads.audit_hash", &audit_hash)? };
        self.append_audit(head, audit).await?;
        Ok((events, alive))
    }

    async fn append_event(&mut self, event: &Event) -> Result<()> {
        let insert = query(EVENT)
            .bind(self.workspace)
            .bind(big(event.seq))
            .bind(&event.kind)
            .bind(audience_name(event.audience))
            .bind(event.body.get());
        self.change("append to the workspace log", insert).await?;
        Ok(())
    }

    async fn append_audit(&mut self, mut head: AuditHead, entries: &[AuditEntry]) -> Result<()> {
        if entries.is_empty() {
            return Ok(());
        }
        for entry in entries {
            let record = link(self.chain(), head, entry);
            head = AuditHead { seq: record.seq, hash: record.hash };
            self.append_record(&record).await?;
        }
        let update = query(AUDIT_HEAD).bind(self.workspace).bind(big(head.seq)).bind(head.hash.as_slice());
        self.change("move the end of the audit", update).await?;
        Ok(())
    }

    async fn append_record(&mut self, record: &AuditRecord) -> Result<()> {
        let insert = query(AUDIT)
            .bind(self.workspace)
            .bind(big(record.seq))
            .bind(&record.id)
            .bind(record.at.micros())
            .bind(&record.actor_kind)
            .bind(&record.actor_id)
            .bind(&record.action)
            .bind(&record.outcome)
            .bind(&record.subject_kind)
            .bind(&record.subject_id)
            .bind(&record.address)
            .bind(&record.request)
            .bind(&record.note)
            .bind(record.hash.as_slice());
        self.change("append to the audit", insert).await?;
        Ok(())
    }

    async fn end(self: Box<Self>) -> Result<()> {
        self.finish().instrument(statement("commit a unit of work")).await
    }

    /// Whose chain this is; none for that of the instance, which is kept under the nil workspace.
    fn chain(&self) -> Option<WorkspaceId> {
        Some(self.owner()).filter(|_| !self.workspace.is_nil())
    }
}

#[async_trait]
impl UnitOfWork for Unit {
    fn workspace(&mut self) -> &mut dyn WorkspaceRepository {
        self
    }
    fn members(&mut self) -> &mut dyn MemberRepository {
        self
    }
    fn invitations(&mut self) -> &mut dyn InvitationRepository {
        self
    }
    fn api_keys(&mut self) -> &mut dyn ApiKeyRepository {
        self
    }
    fn flows(&mut self) -> &mut dyn FlowRepository {
        self
    }
    fn runs(&mut self) -> &mut dyn RunRepository {
        self
    }
    fn connections(&mut self) -> &mut dyn ConnectionRepository {
        self
    }
    fn engines(&mut self) -> &mut dyn EngineRepository {
        self
    }
    fn data_keys(&mut self) -> &mut dyn DataKeyRepository {
        self
    }
    fn quotas(&mut self) -> &mut dyn QuotaRepository {
        self
    }
    fn events(&mut self) -> &mut dyn EventRepository {
        self
    }
    fn audit(&mut self) -> &mut dyn AuditRepository {
        self
    }
    fn idempotency(&mut self) -> &mut dyn IdempotencyRepository {
        self
    }
    fn parked(&mut self) -> &mut dyn ParkedRepository {
        self
    }

    async fn commit(mut self: Box<Self>, closing: Closing) -> Result<Vec<Event>> {
        let (events, alive) = self.record(closing.events, &closing.audit).await?;
        if let Some(answer) = closing.answer.filter(|_| alive) {
            self.remember(&answer).await?;
        }
        self.end().await?;
        Ok(events)
    }
}

#[async_trait]
impl SystemUnit for Unit {
    fn accounts(&mut self) -> &mut dyn AccountRepository {
        self
    }
    fn sessions(&mut self) -> &mut dyn SessionRepository {
        self
    }
    fn workspaces(&mut self) -> &mut dyn WorkspaceList {
        self
    }
    fn audit(&mut self) -> &mut dyn AuditRepository {
        self
    }
    fn idempotency(&mut self) -> &mut dyn IdempotencyRepository {
        self
    }

    async fn commit(mut self: Box<Self>, audit: Vec<AuditEntry>, answer: Option<StoredAnswer>) -> Result<()> {
        self.record(Vec::new(), &audit).await?;
        if let Some(answer) = answer {
            self.remember(&answer).await?;
        }
        self.end().await
    }
}
