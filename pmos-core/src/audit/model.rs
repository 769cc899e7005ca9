//! A record of the audit chain.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Actor, AuditId, RequestId, Timestamp};

/// What an act was about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Subject {
    /// The kind of object, as `flow`.
    pub kind: String,
    /// Its id.
    pub id: String,
}

impl Subject {
    /// The object of `kind` with this id.
    #[expect(clippy::needless_pass_by_value, reason = "ids are small and copied")]
    pub fn new(kind: &'static str, id: impl ToString) -> Self {
        Self { kind: kind.to_owned(), id: id.to_string() }
    }
}

/// How an act ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused.
    Denied,
    /// The password was asked for first. Where it was given, the act follows in a later record.
    Asked,
    /// It was begun at a remote engine; the answer follows in a later record.
    Begun,
    /// It was done in part or not at all.
    Failed,
}

impl Outcome {
    /// The name used on the wire and in stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Denied => "denied",
            Self::Asked => "asked",
            Self::Begun => "begun",
            Self::Failed => "failed",
        }
    }
}

impl std::str::FromStr for Outcome {
    type Err = serde::de::value::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::deserialize(serde::de::value::StrDeserializer::new(text))
    }
}

/// What the pipeline records about an act, before the store gives it its place in the chain.
#[derive(Debug, Clone)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// The action, as `flows.publish`.
    pub action: &'static str,
    /// How it ended.
    pub outcome: Outcome,
    /// What it was about.
    pub subject: Option<Subject>,
    /// From where.
    pub address: Option<String>,
    /// In which request.
    pub request: RequestId,
    /// What else is worth knowing, without secrets, as the reason of an act-as.
    pub note: Option<String>,
}

/// A record as it stands in the chain. All fields are texts and numbers, exactly as they were hashed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// Its place in the chain of its workspace, from 1 without gaps.
    pub seq: u64,
    /// `aud_…`.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// `person`, `api_key`, `agent` or `system`.
    pub actor_kind: String,
    /// The actor's id, or the reason of the system.
    pub actor_id: String,
    /// The action.
    pub action: String,
    /// How it ended.
    pub outcome: String,
    /// The kind of object.
    pub subject_kind: Option<String>,
    /// The object.
    pub subject_id: Option<String>,
    /// From where.
    pub address: Option<String>,
    /// In which request.
    pub request: String,
    /// What else is worth knowing.
    pub note: Option<String>,
    /// The hash over this record and the one before.
    pub hash: [u8; 32],
}

/// Where a chain ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditHead {
    /// The place of the last record, 0 for none.
    pub seq: u64,
    /// Its hash, zeros for none.
    pub hash: [u8; 32],
}
