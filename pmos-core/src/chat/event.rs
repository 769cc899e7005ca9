//! What happens in a conversation. Its journal is the truth: messages, traces and the state of a turn are read from it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Message, TurnError};
use crate::{
    ApprovalId, MessageId, Timestamp, ToolCallId, TurnId,
    approval::ApprovalStatus,
    effect::Effect,
    model::{ModelRef, ProposedCall, TokenUsage},
};

/// Something that happened in a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChatEvent {
    /// Its place in the conversation, from 1 without gaps.
    pub seq: u64,
    /// In which turn.
    pub turn: TurnId,
    /// When.
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub what: Happening,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", content = "data")]
pub enum Happening {
    /// The turn has its place: it is answered now.
    #[serde(rename = "turn.started")]
    TurnStarted {
        /// By this model; none for a command.
        model: Option<ModelRef>,
    },
    /// What the turn does at the moment.
    #[serde(rename = "turn.status")]
    TurnStatus {
        /// Which.
        phase: Phase,
    },
    /// The turn has its answer.
    #[serde(rename = "turn.completed")]
    TurnCompleted {
        /// What all its rounds cost.
        usage: TokenUsage,
        /// In millionths of a US dollar, where all prices are known.
        cost_micros: Option<u64>,
        /// What was really done, from the acts themselves and not from what the model says.
        summary: Vec<Deed>,
    },
    /// The turn ended without an answer.
    #[serde(rename = "turn.failed")]
    TurnFailed {
        /// Why, and what to do.
        error: TurnError,
        /// What was really done until then.
        summary: Vec<Deed>,
    },
    /// A person stopped the turn.
    #[serde(rename = "turn.cancelled")]
    TurnCancelled {
        /// What was really done until then.
        summary: Vec<Deed>,
    },
    /// What the assistant is going to do.
    #[serde(rename = "plan.updated")]
    PlanUpdated {
        /// Step by step.
        steps: Vec<PlanStep>,
    },
    /// A model is asked.
    #[serde(rename = "round.started")]
    RoundStarted {
        /// From 1.
        index: u32,
    },
    /// It has answered.
    #[serde(rename = "round.completed")]
    RoundCompleted {
        /// From 1.
        index: u32,
        /// What it cost.
        usage: TokenUsage,
        /// In millionths of a US dollar, where the price is known.
        cost_micros: Option<u64>,
        /// What it wrote.
        text: String,
        /// What it calls, as it said it.
        calls: Vec<ProposedCall>,
    },
    /// The next piece of a text.
    #[serde(rename = "text.delta")]
    TextDelta {
        /// Of this message.
        message: MessageId,
        /// The piece.
        delta: String,
    },
    /// The next piece of what the model thinks.
    #[serde(rename = "reasoning.delta")]
    ReasoningDelta {
        /// The piece.
        delta: String,
    },
    /// The assistant wants to do something.
    #[serde(rename = "tool.proposed")]
    ToolProposed(ToolCall),
    /// It is done now.
    #[serde(rename = "tool.started")]
    ToolStarted(ToolCall),
    /// It ended, or waits.
    #[serde(rename = "tool.completed")]
    ToolCompleted(ToolCall),
    /// A person is asked.
    #[serde(rename = "approval.requested")]
    ApprovalRequested {
        /// For which call.
        tool_call: ToolCallId,
        /// The request.
        approval: ApprovalId,
        /// What will be done, in a sentence.
        summary: String,
    },
    /// The request has its end.
    #[serde(rename = "approval.resolved")]
    ApprovalResolved {
        /// For which call.
        tool_call: ToolCallId,
        /// The request.
        approval: ApprovalId,
        /// How it ended.
        status: ApprovalStatus,
        /// Whether it was approved with other arguments than were asked for.
        edited: bool,
    },
    /// Something was said.
    #[serde(rename = "message.completed")]
    MessageCompleted(Message),
    /// Little is left of a budget.
    #[serde(rename = "budget.warning")]
    BudgetWarning(Budget),
    /// Nothing is.
    #[serde(rename = "budget.exceeded")]
    BudgetExceeded(Budget),
}

impl Happening {
    /// The name of its kind, as on the wire and in stores.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::TurnStarted { .. } => "turn.started",
            Self::TurnStatus { .. } => "turn.status",
            Self::TurnCompleted { .. } => "turn.completed",
            Self::TurnFailed { .. } => "turn.failed",
            Self::TurnCancelled { .. } => "turn.cancelled",
            Self::PlanUpdated { .. } => "plan.updated",
            Self::RoundStarted { .. } => "round.started",
            Self::RoundCompleted { .. } => "round.completed",
            Self::TextDelta { .. } => "text.delta",
            Self::ReasoningDelta { .. } => "reasoning.delta",
            Self::ToolProposed(_) => "tool.proposed",
            Self::ToolStarted(_) => "tool.started",
            Self::ToolCompleted(_) => "tool.completed",
            Self::ApprovalRequested { .. } => "approval.requested",
            Self::ApprovalResolved { .. } => "approval.resolved",
            Self::MessageCompleted(_) => "message.completed",
            Self::BudgetWarning(_) => "budget.warning",
            Self::BudgetExceeded(_) => "budget.exceeded",
        }
    }
}

/// What a turn does at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Phase {
    Preparing,
    CallingModel,
    RunningTool,
    WaitingApproval,
}

/// A step of what the assistant is going to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanStep {
    /// What.
    #[schemars(length(min = 1, max = 200))]
    pub title: String,
    /// How far it is.
    #[serde(default)]
    pub status: PlanStatus,
}

/// How far a step of a plan is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum PlanStatus {
    #[default]
    Pending,
    Running,
    Done,
}

/// A call of a tool, as people see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ToolCall {
    /// Its id.
    pub tool_call: ToolCallId,
    /// The tool, as the model knows it.
    pub tool: String,
    /// What it does, in a few words.
    pub title: String,
    /// With which arguments; what is secret of them is not shown.
    pub arguments: Value,
    /// What it does to the world.
    pub effect: Effect,
    /// How far it is.
    pub status: ToolCallStatus,
    /// What came of it, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Why nothing came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ToolError>,
    /// The request for approval that it waits or waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<ApprovalId>,
    /// What the model was told of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// How long it took, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<f64>,
}

/// How far a call of a tool is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ToolCallStatus {
    /// The assistant wants it.
    Proposed,
    /// It waits for a person.
    WaitingApproval,
    /// A person denied it.
    Denied,
    /// No one decided in time.
    Expired,
    /// It is done now.
    Running,
    /// It was done.
    Succeeded,
    /// It was not done.
    Failed,
    /// It was not begun, since a person stopped the turn.
    Cancelled,
    /// It was begun, and what came of it is not known. It is never repeated.
    Unknown,
}

/// Why nothing came of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ToolError {
    /// The stable code of the error.
    pub code: String,
    /// What happened and what to do.
    pub message: String,
}

/// Something that a turn really did or tried to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Deed {
    /// The call.
    pub tool_call: ToolCallId,
    /// What, in a sentence.
    pub title: String,
    /// How it ended.
    pub status: ToolCallStatus,
}

/// How much of a budget is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Budget {
    /// Which, as `chat_tokens_per_day`.
    pub key: String,
    /// How much may be used.
    pub limit: u64,
    /// How much is.
    pub used: u64,
}
