//! The hash chain: each record carries a hash over itself and the record before it, so that an edit, a deletion, an
//! insertion, a swap or a cut is found and located.

use sha2::{Digest, Sha256};

use super::{AuditEntry, AuditHead, AuditRecord};
use crate::WorkspaceId;

/// Gives an entry its place behind `head` in the chain of `workspace` (none: the chain of the instance). Stores call
/// this in the commit that makes the act true.
pub fn link(workspace: Option<WorkspaceId>, head: AuditHead, entry: &AuditEntry) -> AuditRecord {
    let mut record = AuditRecord {
        seq: head.seq + 1,
        id: entry.id.to_string(),
        at: entry.at,
        actor_kind: entry.actor.kind().to_owned(),
        actor_id: entry.actor.to_string(),
        action: entry.action.to_owned(),
        outcome: entry.outcome.as_str().to_owned(),
        subject_kind: entry.subject.as_ref().map(|subject| subject.kind.clone()),
        subject_id: entry.subject.as_ref().map(|subject| subject.id.clone()),
        address: entry.address.clone(),
        request: entry.request.to_string(),
        note: entry.note.clone(),
        hash: [0; 32],
    };
    record.hash = hash(workspace, head.hash, &record);
    record
}

/// The hash of `record` when the one before it has the hash `before`.
pub fn hash(workspace: Option<WorkspaceId>, before: [u8; 32], record: &AuditRecord) -> [u8; 32] {
    let mut sha = Sha256::new();
    let mut put = |text: Option<&str>| {
        // A length before each text, so that moving a character from one field to the next changes the hash.
        let length = text.map_or(u64::MAX, |text| text.len() as u64);
        sha.update(length.to_be_bytes());
        sha.update(text.unwrap_or_default());
    };
    put(workspace.map(|id| id.to_string()).as_deref());
    put(Some(&record.seq.to_string()));
    put(Some(&record.id));
    put(Some(&record.at.micros().to_string()));
    put(Some(&record.actor_kind));
    put(Some(&record.actor_id));
    put(Some(&record.action));
    put(Some(&record.outcome));
    put(record.subject_kind.as_deref());
    put(record.subject_id.as_deref());
    put(record.address.as_deref());
    put(Some(&record.request));
    put(record.note.as_deref());
    sha.update(before);
    sha.finalize().into()
}

/// Walks a chain from its beginning and finds the first record that does not fit.
#[derive(Debug)]
pub struct Verifier {
    workspace: Option<WorkspaceId>,
    head: AuditHead,
}

impl Verifier {
    /// Begins at the start of the chain of `workspace`.
    pub fn new(workspace: Option<WorkspaceId>) -> Self {
        Self { workspace, head: AuditHead { seq: 0, hash: [0; 32] } }
    }

    /// Takes the next record.
    ///
    /// # Errors
    /// The place of the first record that is missing, moved or changed.
    pub fn next(&mut self, record: &AuditRecord) -> Result<(), u64> {
        let expected = self.head.seq + 1;
        if record.seq != expected || record.hash != hash(self.workspace, self.head.hash, record) {
            return Err(expected);
        }
        self.head = AuditHead { seq: record.seq, hash: record.hash };
        Ok(())
    }

    /// Compares the end with the head that the store keeps apart from the records.
    ///
    /// # Errors
    /// The place of the first record that was cut off.
    pub fn finish(self, head: AuditHead) -> Result<AuditHead, u64> {
        if self.head == head { Ok(head) } else { Err(self.head.seq + 1) }
    }
}
