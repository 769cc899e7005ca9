//! Writes down what happened, all of it in one statement: other units of the workspace wait until this one is committed, and
//! most of that is the way to the server and back.

use pmos_core::{
    Result,
    audit::{AuditHead, AuditRecord},
    event::Event,
};
use sqlx::query;

use super::{Unit, repository::events::audience_name};
use crate::sql::value::big;

statements! {
    RECORD = "with log as (\
                  insert into events (workspace_id, seq, kind, audience, body) \
                  select $1, told.* from unnest($2::bigint[], $3::text[], $4::text[], $5::text[]) as told), \
              trail as (\
                  insert into audit (workspace_id, seq, id, at, actor_kind, actor_id, action, outcome, subject_kind, \
                  subject_id, address, request, note, hash) \
                  select $1, done.* from unnest($6::bigint[], $7::text[], $8::bigint[], $9::text[], $10::text[], \
                  $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], \
                  $18::bytea[]) as done) \
              update heads set audit_seq = $19, audit_hash = $20 where workspace_id = $1";
}

impl Unit {
    /// Appends to the workspace log and to the audit, which then ends at `end`.
    pub(super) async fn write_down(&mut self, events: &[Event], audit: &[AuditRecord], end: AuditHead) -> Result<()> {
        fn column<R, V>(rows: &[R], value: impl Fn(&R) -> V) -> Vec<V> {
            rows.iter().map(value).collect()
        }
        let record = query(RECORD)
            .bind(self.workspace)
            .bind(column(events, |event| big(event.seq)))
            .bind(column(events, |event| event.kind.clone()))
            .bind(column(events, |event| audience_name(event.audience)))
            .bind(column(events, |event| event.body.get().to_owned()))
            .bind(column(audit, |record| big(record.seq)))
            .bind(column(audit, |record| record.id.clone()))
            .bind(column(audit, |record| record.at.micros()))
            .bind(column(audit, |record| record.actor_kind.clone()))
            .bind(column(audit, |record| record.actor_id.clone()))
            .bind(column(audit, |record| record.action.clone()))
            .bind(column(audit, |record| record.outcome.clone()))
            .bind(column(audit, |record| record.subject_kind.clone()))
            .bind(column(audit, |record| record.subject_id.clone()))
            .bind(column(audit, |record| record.address.clone()))
            .bind(column(audit, |record| record.request.clone()))
            .bind(column(audit, |record| record.note.clone()))
            .bind(column(audit, |record| record.hash.to_vec()))
            .bind(big(end.seq))
            .bind(end.hash.as_slice());
        self.change("write down what happened", record).await.map(drop)
    }
}
