//! Conversations, their turns and their messages.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    ChatId, FlowId, MessageId, NodeId, RunId, Timestamp, TurnId, UserId,
    flow::StepId,
    model::{FaultKind, ModelRef, TokenUsage},
};

/// A conversation of one person with the assistant.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its id.
    pub id: ChatId,
    /// Whose it is. No one else reads it.
    pub owner: UserId,
    /// What people read; empty until there is something to name it after.
    pub title: String,
    /// The automation that it is about.
    pub flow: Option<FlowId>,
    /// How many events its journal has.
    pub seq: u64,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When something was last said.
    pub updated_at: Timestamp,
}

/// How far a turn is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TurnStatus {
    /// It waits for its place.
    Queued,
    /// It is answered.
    Running,
    /// It waits for a person to approve something.
    WaitingApproval,
    /// It has its answer.
    Completed,
    /// It ended without one.
    Failed,
    /// A person stopped it.
    Cancelled,
}

impl TurnStatus {
    /// The name used on the wire and in stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::WaitingApproval => "waiting_approval",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more will come of it.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}

impl std::str::FromStr for TurnStatus {
    type Err = serde::de::value::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::deserialize(serde::de::value::StrDeserializer::new(text))
    }
}

/// From a message to its final answer.
#[derive(Debug, Clone)]
pub struct Turn {
    /// Its id.
    pub id: TurnId,
    /// The conversation.
    pub session: ChatId,
    /// Who wrote the message, and with whose rights the assistant acts.
    pub requester: UserId,
    /// How far it is.
    pub status: TurnStatus,
    /// The model that was asked for; none for that of the workspace.
    pub model: Option<ModelRef>,
    /// Whether it was asked to stop.
    pub cancel: bool,
    /// How often something happened that it may wait for.
    pub signals: u64,
    /// Tokens that are set aside for what it asks a model at the moment.
    pub reserved: u64,
    /// The process that works on it; none while it is queued, waits or has ended.
    pub node: Option<NodeId>,
    /// How often it was taken over. Nothing is written under an old epoch, so a process that lost a turn cannot write to it any more.
    pub epoch: u64,
    /// When the message was sent.
    pub at: Timestamp,
}

impl Turn {
    /// A turn that waits for its place.
    pub fn new(id: TurnId, session: ChatId, requester: UserId, model: Option<ModelRef>, at: Timestamp) -> Self {
        let status = TurnStatus::Queued;
        Self { id, session, requester, status, model, cancel: false, signals: 0, reserved: 0, node: None, epoch: 0, at }
    }
}

/// Who said something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    /// The person.
    User,
    /// The assistant.
    Assistant,
}

/// What a person looks at while they write.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Screen {
    /// An automation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow: Option<FlowId>,
    /// A run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// A step of the automation or run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepId>,
}

/// Something that was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Who said it.
    pub role: Speaker,
    /// What.
    pub text: String,
    /// The model that wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelRef>,
    /// What the person looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub screen: Option<Screen>,
}

/// Why a turn has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TurnErrorKind {
    /// The model declined.
    Refusal,
    /// It took too long.
    Timeout,
    /// Asked too often.
    RateLimited,
    /// The conversation is longer than the model can read.
    ContextLength,
    /// The key of the model is not taken.
    Auth,
    /// The account at the provider has nothing left to pay with.
    Billing,
    /// The provider has too much to do.
    Overloaded,
    /// The provider cannot be reached, or answers what cannot be read.
    Provider,
    /// The assistant called tools without end.
    Tool,
    /// The budget is spent.
    Budget,
    /// The person may not chat any more, or the workspace does not allow it.
    Policy,
    /// No model is connected.
    NoModel,
    /// Our own fault.
    Internal,
}

impl From<FaultKind> for TurnErrorKind {
    fn from(kind: FaultKind) -> Self {
        match kind {
            FaultKind::Refusal => Self::Refusal,
            FaultKind::Timeout => Self::Timeout,
            FaultKind::RateLimited => Self::RateLimited,
            FaultKind::ContextLength => Self::ContextLength,
            FaultKind::Auth => Self::Auth,
            FaultKind::Billing => Self::Billing,
            FaultKind::Overloaded => Self::Overloaded,
            FaultKind::Provider | FaultKind::UnknownModel | FaultKind::Invalid => Self::Provider,
        }
    }
}

/// Why a turn has no answer, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TurnError {
    /// Why.
    pub kind: TurnErrorKind,
    /// What happened.
    pub message: String,
    /// What to do about it.
    pub action: String,
}

/// What one answer of a model cost.
#[derive(Debug, Clone)]
pub struct UsageEntry {
    /// Its id.
    pub id: crate::UsageId,
    /// When.
    pub at: Timestamp,
    /// On whose behalf.
    pub person: UserId,
    /// In which conversation.
    pub session: ChatId,
    /// In which turn.
    pub turn: TurnId,
    /// By which model.
    pub model: ModelRef,
    /// How many tokens.
    pub usage: TokenUsage,
    /// In millionths of a US dollar; none where the price is not known.
    pub cost_micros: Option<u64>,
}
