//! A request for approval, from the call that waits to what came of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{ApprovalId, Channel, ChatId, GrantId, Timestamp, TurnId, UserId, effect::Effect, vault::Sealed};

/// How far a request for approval is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalStatus {
    /// It waits for a person.
    Pending,
    /// It was approved and is about to be carried out.
    Approved,
    /// It was denied.
    Denied,
    /// No one decided in time.
    Expired,
    /// It was carried out.
    Executed,
    /// It was approved and could not be carried out.
    Failed,
}

impl ApprovalStatus {
    /// The name used on the wire and in stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::Expired => "expired",
            Self::Executed => "executed",
            Self::Failed => "failed",
        }
    }

    /// Whether nothing more will come of it.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Pending | Self::Approved)
    }
}

impl std::str::FromStr for ApprovalStatus {
    type Err = serde::de::value::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::deserialize(serde::de::value::StrDeserializer::new(text))
    }
}

/// What a person says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It may be done.
    Approve,
    /// It may not.
    Deny,
}

/// A decision, and who made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Decided {
    /// Who.
    pub by: UserId,
    /// What they said.
    pub decision: Decision,
    /// When.
    pub at: Timestamp,
}

/// Where a request came from, beside the person on whose behalf it was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Origin {
    /// The conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<ChatId>,
    /// The turn of it that waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<TurnId>,
}

/// A call that waits for an approval, with all that carries it out later, and what became of it.
#[derive(Debug, Clone)]
pub struct Approval {
    /// Its id.
    pub id: ApprovalId,
    /// How far it is.
    pub status: ApprovalStatus,
    /// On whose behalf it was called.
    pub requester: UserId,
    /// By which way it came in.
    pub channel: Channel,
    /// Where it came from.
    pub origin: Origin,
    /// The action.
    pub action: String,
    /// What this very call does to the world.
    pub effect: Effect,
    /// What it will do, in a sentence.
    pub summary: String,
    /// Its input, without what is secret of it.
    pub input: Box<RawValue>,
    /// What is secret of its input, a JSON object by field; none when nothing is.
    pub secrets: Option<Sealed>,
    /// What it was approved or denied as: over the action, the input, what it is about and its revision, the policy, the requester and the
    /// workspace.
    pub digest: [u8; 32],
    /// What it will touch, as a JSON object.
    pub preview: Option<Box<RawValue>>,
    /// The caller's own name for the request.
    pub key: Option<String>,
    /// How many people must approve.
    pub needs: u32,
    /// What was decided, in order.
    pub decisions: Vec<Decided>,
    /// Whether it was approved with another input than was asked for.
    pub edited: bool,
    /// When it was asked for.
    pub at: Timestamp,
    /// Until when it can be decided.
    pub expires_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// What the act answered.
    pub result: Option<Box<RawValue>>,
    /// Why it could not be carried out.
    pub error: Option<String>,
    /// Whether its end was told to the conversation that waits for it.
    pub told: bool,
    /// How often it was changed: what is written is compared with what was read.
    pub revision: u64,
}

/// An approval that holds for the same act again, for a time.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// Whose calls it holds for.
    pub requester: UserId,
    /// The action.
    pub action: String,
    /// What it was given for, in a sentence.
    pub summary: String,
    /// The digest of the exact input.
    pub digest: [u8; 32],
    /// Who gave it.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
}
