use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Result,
    action::{Action, ActionSpec, Context, Method},
    audit::{AuditHead, Verifier},
};

/// How many records are read at once.
const PAGE: u32 = 1_000;

/// Proves that nothing in the workspace's audit chain was changed, taken out or put in afterwards.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyAudit {}

/// What the proof found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
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

#[async_trait]
impl Action for VerifyAudit {
    const SPEC: ActionSpec = ActionSpec::read("audit.verify", Method::Get, "/audit/verify");
    type Output = AuditVerdict;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let workspace = cx.scope()?.workspace();
        let audit = cx.read().await?.audit();
        let head = audit.head().await?;
        let mut verifier = Verifier::new(Some(workspace));
        let mut seq = 0;
        while seq < head.seq {
            let records = audit.after(seq, PAGE).await?;
            // Records that were added since the head was read are not part of this proof.
            let records = records.into_iter().filter(|record| record.seq <= head.seq);
            let before = seq;
            for record in records {
                if let Err(place) = verifier.next(&record) {
                    return Ok(verdict(head, Some(place)));
                }
                seq = record.seq;
            }
            if seq == before {
                break;
            }
        }
        Ok(verdict(head, verifier.finish(head).err()))
    }
}

fn verdict(head: AuditHead, broken_at: Option<u64>) -> AuditVerdict {
    AuditVerdict { ok: broken_at.is_none(), records: head.seq, head: hex::encode(head.hash), broken_at }
}
