//! Whether a chain is what was written.

use schemars::JsonSchema;
use serde::Serialize;

use super::{AuditHead, Verifier};
use crate::{Result, WorkspaceId, store::AuditRepository};

/// How many records are read at once.
const PAGE: u32 = 1_000;

/// What the proof found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct AuditVerdict {
    /// Whether the chain is whole.
    pub ok: bool,
    /// How many records it has.
    pub records: u64,
    /// The hash of the last one; keep it elsewhere to prove later that nothing was cut off.
    pub head: String,
    /// The place of the first record that does not fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broken_at: Option<u64>,
}

/// Proves the chain of a workspace, or that of the instance.
pub(super) async fn prove(audit: &mut dyn AuditRepository, workspace: Option<WorkspaceId>) -> Result<AuditVerdict> {
    let head = audit.head().await?;
    let broken_at = match broken_within(audit, workspace, head).await? {
        None => beyond(audit, head).await?,
        within => within,
    };
    Ok(AuditVerdict { ok: broken_at.is_none(), records: head.seq, head: hex::encode(head.hash), broken_at })
}

/// The first record up to the end that does not fit.
async fn broken_within(
    audit: &mut dyn AuditRepository,
    workspace: Option<WorkspaceId>,
    head: AuditHead,
) -> Result<Option<u64>> {
    let mut verifier = Verifier::new(workspace);
    let mut seq = 0;
    while seq < head.seq {
        let records = audit.after(seq, PAGE).await?;
        let before = seq;
        for record in records.into_iter().filter(|record| record.seq <= head.seq) {
            if let Err(place) = verifier.next(&record) {
                return Ok(Some(place));
            }
            seq = record.seq;
        }
        if seq == before {
            break;
        }
    }
    Ok(verifier.finish(head).err())
}

/// A record behind the end that was not written there by us: the end moves in the commit that writes a record, so it is past
/// all that were there before it was read again.
async fn beyond(audit: &mut dyn AuditRepository, head: AuditHead) -> Result<Option<u64>> {
    let Some(last) = audit.last().await?.filter(|last| *last > head.seq) else { return Ok(None) };
    let moved = audit.head().await?;
    Ok((last > moved.seq).then_some(moved.seq + 1))
}
