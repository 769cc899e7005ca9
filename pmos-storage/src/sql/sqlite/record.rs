//! Writes down what happened, row by row: a statement costs no way to a server.

use pmos_core::{
    Result,
    audit::{AuditHead, AuditRecord},
    event::Event,
};
use sqlx::query;

use super::{Unit, repository::events::audience_name};
use crate::sql::value::big;

statements! {
    EVENT = "insert into events (workspace_id, seq, kind, audience, body) values ($1, $2, $3, $4, $5)";
    AUDIT = "insert into audit (workspace_id, seq, id, at, actor_kind, actor_id, action, outcome, subject_kind, \
             subject_id, address, request, note, hash) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    AUDIT_HEAD = "update heads set audit_seq = $2, audit_hash = $3 where workspace_id = $1";
}

impl Unit {
    /// Appends to the workspace log and to the audit, which then ends at `end`.
    pub(super) async fn write_down(&mut self, events: &[Event], audit: &[AuditRecord], end: AuditHead) -> Result<()> {
        for event in events {
            let insert = query(EVENT)
                .bind(self.workspace)
                .bind(big(event.seq))
                .bind(&event.kind)
                .bind(audience_name(event.audience))
                .bind(event.body.get());
            self.change("append to the workspace log", insert).await?;
        }
        if audit.is_empty() {
            return Ok(());
        }
        for record in audit {
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
        }
        let update = query(AUDIT_HEAD).bind(self.workspace).bind(big(end.seq)).bind(end.hash.as_slice());
        self.change("move the end of the audit", update).await?;
        Ok(())
    }
}
