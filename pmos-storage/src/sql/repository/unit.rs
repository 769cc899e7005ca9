//! The two kinds of units, and how they end: what happened is numbered by the last statements before the commit.

use async_trait::async_trait;
use pmos_core::{
    Error, Result, WorkspaceId,
    audit::{AuditEntry, AuditHead, AuditRecord, link},
    event::{Event, NewEvent},
    store::{
        AccountRepository, ApiKeyRepository, ApprovalRepository, AuditRepository, ChatRepository, Closing,
        ConnectionRepository, DataKeyRepository, EngineRepository, EventRepository, FlowRepository,
        IdempotencyRepository, InvitationRepository, MemberRepository, ModelRepository, QuotaRepository, RunRepository,
        SessionRepository, StoredAnswer, SystemUnit, UnitOfWork, WorkspaceList, WorkspaceRepository,
    },
};

use tracing::Instrument as _;

use super::{super::Unit, rows, statement};
use crate::sql::value::{big, bytes, number};

statements! {
    // Says too whether the workspace is still there: one that was deleted in this unit keeps its audit chain alone. What was
    // put behind the end of the chain by other means is passed over: it breaks the chain, but does not stop the workspace.
    NUMBER = "update heads set event_seq = event_seq + $2 where workspace_id = $1 \
              returning event_seq, \
              coalesce((select max(seq) from audit where audit.workspace_id = heads.workspace_id \
                        and seq > heads.audit_seq), audit_seq) as audit_seq, \
              audit_hash, \
              exists (select 1 from workspaces where workspaces.workspace_id = heads.workspace_id) as alive";
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
        let mut end =
            AuditHead { seq: number("heads.audit_seq", audit_seq)?, hash: bytes("heads.audit_hash", &audit_hash)? };
        let records: Vec<AuditRecord> = audit
            .iter()
            .map(|entry| {
                let record = link(self.chain(), end, entry);
                end = AuditHead { seq: record.seq, hash: record.hash };
                record
            })
            .collect();
        // The events of a workspace are gone with it, its audit chain stays.
        let told = if alive { events.as_slice() } else { &[] };
        self.write_down(told, &records, end).await?;
        Ok((events, alive))
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
    fn approvals(&mut self) -> &mut dyn ApprovalRepository {
        self
    }
    fn models(&mut self) -> &mut dyn ModelRepository {
        self
    }
    fn chat(&mut self) -> &mut dyn ChatRepository {
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
