//! A conversation read from its journal: the same for people, for the model and for a process that goes on with a turn.

use schemars::JsonSchema;
use serde::Serialize;

use super::{ChatEvent, Deed, Happening, Message, PlanStep, Speaker, ToolCall, TurnError, TurnStatus};
use crate::{
    Timestamp, ToolCallId, TurnId,
    effect::Effect,
    model::{ModelRef, ProposedCall, TokenUsage},
};

/// A conversation, turn by turn.
#[derive(Debug, Clone, Default)]
pub struct Transcript {
    /// In the order in which they were asked for.
    pub turns: Vec<TurnRecord>,
    /// The number of the last event that was read.
    pub seq: u64,
}

/// What happened in a turn.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct TurnRecord {
    /// Its id.
    pub turn: TurnId,
    /// When it was asked for.
    pub at: Timestamp,
    /// How far it is, as far as its journal says.
    pub status: TurnStatus,
    /// The model that answers; none for a command.
    pub model: Option<ModelRef>,
    /// What was said in it, the person's message first.
    pub messages: Vec<Message>,
    /// What the assistant is going to do.
    pub plan: Vec<PlanStep>,
    /// What it called.
    pub tool_calls: Vec<ToolCall>,
    /// What it cost so far.
    pub usage: TokenUsage,
    /// In millionths of a US dollar, where all prices are known.
    pub cost_micros: Option<u64>,
    /// What was really done.
    pub summary: Vec<Deed>,
    /// Why it has no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<TurnError>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// The answers of the model.
    #[serde(skip)]
    pub rounds: Vec<Round>,
}

/// An answer of the model.
#[derive(Debug, Clone)]
pub struct Round {
    /// What it wrote.
    pub text: String,
    /// What it called.
    pub calls: Vec<ProposedCall>,
    /// Our ids of those calls, as far as they were begun.
    pub ids: Vec<ToolCallId>,
}

impl TurnRecord {
    /// A turn of which nothing is known yet.
    pub fn begun(turn: TurnId, at: Timestamp) -> Self {
        Self {
            turn,
            at,
            status: TurnStatus::Queued,
            model: None,
            messages: Vec::new(),
            plan: Vec::new(),
            tool_calls: Vec::new(),
            usage: TokenUsage::default(),
            cost_micros: Some(0),
            summary: Vec::new(),
            error: None,
            finished_at: None,
            rounds: Vec::new(),
        }
    }

    /// What the person said.
    pub fn asked(&self) -> &str {
        let said = self.messages.iter().find(|message| message.role == Speaker::User);
        said.map_or("", |message| &message.text)
    }

    /// A call by our id of it.
    pub fn call(&self, id: ToolCallId) -> Option<&ToolCall> {
        self.tool_calls.iter().find(|call| call.tool_call == id)
    }

    /// What was really done or tried: every call that is no mere look.
    pub fn deeds(&self) -> Vec<Deed> {
        let acts = self.tool_calls.iter().filter(|call| call.effect > Effect::Read);
        acts.map(|call| Deed { tool_call: call.tool_call, title: call.title.clone(), status: call.status }).collect()
    }

    fn put(&mut self, call: &ToolCall) {
        match self.tool_calls.iter_mut().find(|known| known.tool_call == call.tool_call) {
            Some(known) => *known = call.clone(),
            None => self.tool_calls.push(call.clone()),
        }
    }

    fn finish(&mut self, status: TurnStatus, at: Timestamp, summary: &[Deed]) {
        self.status = status;
        self.finished_at = Some(at);
        self.summary = summary.to_vec();
    }

    fn take(&mut self, at: Timestamp, what: &Happening) {
        match what {
            Happening::TurnStarted { model } => {
                self.status = TurnStatus::Running;
                self.model.clone_from(model);
            }
            Happening::TurnStatus { phase: super::Phase::WaitingApproval } => self.status = TurnStatus::WaitingApproval,
            Happening::TurnCompleted { summary, .. } => self.finish(TurnStatus::Completed, at, summary),
            Happening::TurnFailed { error, summary } => {
                self.finish(TurnStatus::Failed, at, summary);
                self.error = Some(error.clone());
            }
            Happening::TurnCancelled { summary } => self.finish(TurnStatus::Cancelled, at, summary),
            Happening::PlanUpdated { steps } => self.plan.clone_from(steps),
            Happening::RoundCompleted { usage, cost_micros, text, calls, .. } => {
                self.usage += *usage;
                self.cost_micros = self.cost_micros.zip(*cost_micros).map(|(sum, cost)| sum + cost);
                self.rounds.push(Round { text: text.clone(), calls: calls.clone(), ids: Vec::new() });
            }
            Happening::ToolProposed(call) => {
                if let Some(round) = self.rounds.last_mut() {
                    round.ids.push(call.tool_call);
                }
                self.put(call);
            }
            Happening::ToolStarted(call) | Happening::ToolCompleted(call) => {
                self.status = TurnStatus::Running;
                self.put(call);
            }
            Happening::MessageCompleted(message) => self.messages.push(message.clone()),
            Happening::TurnStatus { .. }
            | Happening::RoundStarted { .. }
            | Happening::TextDelta { .. }
            | Happening::ReasoningDelta { .. }
            | Happening::ApprovalRequested { .. }
            | Happening::ApprovalResolved { .. }
            | Happening::BudgetWarning(_)
            | Happening::BudgetExceeded(_) => {}
        }
    }
}

impl Transcript {
    /// Reads what happened next.
    pub fn take(&mut self, event: &ChatEvent) {
        self.seq = event.seq;
        if let Some(record) = self.turns.iter_mut().find(|record| record.turn == event.turn) {
            return record.take(event.at, &event.what);
        }
        let mut record = TurnRecord::begun(event.turn, event.at);
        record.take(event.at, &event.what);
        self.turns.push(record);
    }

    /// One of its turns.
    pub fn turn(&self, id: TurnId) -> Option<&TurnRecord> {
        self.turns.iter().find(|record| record.turn == id)
    }

    /// All that was said, with the turn it belongs to and when that was asked for.
    pub fn messages(&self) -> impl Iterator<Item = (&TurnRecord, &Message)> {
        self.turns.iter().flat_map(|turn| turn.messages.iter().map(move |message| (turn, message)))
    }
}
