//! A turn: rounds of asking a model and doing what it calls, until it has its answer, waits or is stopped.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio_util::sync::CancellationToken;

use super::{
    budget::{self, Allowance},
    calls::{Calls, Hands},
    commands::{self, Next},
    journal::TurnJournal,
    round::{self, Answered},
    tools,
};
use crate::{
    Channel, Error, MessageId, Result, Role, WorkspaceId,
    action::{Outward, Pipeline},
    chat::{
        Deed, Happening, INSTRUCTIONS, Message, Phase, Speaker, ToolCallStatus, Turn, TurnError, TurnErrorKind,
        TurnRecord, TurnStatus, UsageEntry, told,
    },
    model::{ModelEndpoint, ModelFault, ModelRef, Prompt, ProposedCall, TokenUsage, advice, chosen},
    services::Services,
    store::Access,
};

/// How often a model is asked in a turn. The last time it gets no tools, so that it has to answer.
const ROUNDS: usize = 24;
/// How many calls a turn may make.
const CALLS: usize = 64;
/// How long a turn may be at work.
const WORK: Duration = Duration::from_mins(15);
/// The most tokens of one answer.
const OUTPUT: u32 = 8_192;

/// The work on one turn.
pub(super) struct TurnWork {
    services: Services,
    pipeline: Arc<Pipeline>,
    workspace: WorkspaceId,
    turn: Turn,
    stop: CancellationToken,
}

/// How a turn ended or came to wait.
enum End {
    Completed,
    Failed(TurnError),
    Stopped,
    Waits,
}

/// The model that answers.
struct Model {
    name: ModelRef,
    endpoint: ModelEndpoint,
}

impl TurnWork {
    pub(super) fn new(
        services: Services,
        pipeline: Arc<Pipeline>,
        workspace: WorkspaceId,
        turn: Turn,
        stop: CancellationToken,
    ) -> Self {
        Self { services, pipeline, workspace, turn, stop }
    }

    /// Works on it until it ends or waits.
    ///
    /// # Errors
    /// When that could not be written: it is still running in the store.
    pub(super) async fn run(&self) -> Result<()> {
        let mut journal = self.journal().await?;
        let end = match self.answer(&mut journal).await {
            Ok(end) => end,
            Err(error) => {
                tracing::error!(turn = %self.turn.id, ?error, "a turn broke off");
                End::Failed(internal(&error))
            }
        };
        self.end(&mut journal, end).await
    }

    /// Ends one that broke down.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub(super) async fn give_up(&self) -> Result<()> {
        let error = internal(&Error::internal("answer in a conversation"));
        self.end(&mut self.journal().await?, End::Failed(error)).await
    }

    async fn journal(&self) -> Result<TurnJournal> {
        TurnJournal::open(self.services.clone(), self.workspace, self.turn.clone()).await
    }

    async fn answer(&self, journal: &mut TurnJournal) -> Result<End> {
        let role = match self.role().await {
            Ok(role) => role,
            Err(error) => return Ok(End::Failed(not_allowed(&error))),
        };
        let record = journal.record();
        if self.turn.cancel {
            let hands = Hands { services: &self.services, pipeline: &self.pipeline, channel: Channel::Agent, role };
            return self.stopped(&hands, journal).await;
        }
        let model = match self.model(commands::is_command(record.asked())).await {
            Ok(model) => model,
            Err(error) => return Ok(End::Failed(failed(TurnErrorKind::NoModel, error.detail(), commands::ADD_MODEL))),
        };
        if record.model.is_none() && record.status == TurnStatus::Queued {
            let name = model.as_ref().map(|model| model.name.clone());
            if journal.write(vec![Happening::TurnStarted { model: name }]).await? {
                return Ok(End::Stopped);
            }
        }
        // A command is the person's own act.
        let channel = if model.is_some() { Channel::Agent } else { Channel::Browser };
        let hands = Hands { services: &self.services, pipeline: &self.pipeline, channel, role };
        let begun = Instant::now();
        let mut warned = false;
        loop {
            match hands.go_on(journal).await? {
                Calls::Ended => {}
                Calls::Stopped => return self.stopped(&hands, journal).await,
                Calls::Wait => return Ok(End::Waits),
            }
            if self.stop.is_cancelled() {
                return self.stopped(&hands, journal).await;
            }
            let record = journal.record();
            if record.rounds.last().is_some_and(|round| round.calls.is_empty()) {
                return Ok(End::Completed);
            }
            if begun.elapsed() > WORK {
                let message = "This took longer than a turn may take.";
                return Ok(End::Failed(failed(
                    TurnErrorKind::Timeout,
                    message,
                    "Ask for less at once, or go on with a new message.",
                )));
            }
            let ended = match &model {
                Some(model) => self.round(journal, model, role, &mut warned).await?,
                None => self.command(journal, &record).await?,
            };
            match ended {
                None => {}
                Some(End::Stopped) => return self.stopped(&hands, journal).await,
                Some(end) => return Ok(end),
            }
        }
    }

    async fn stopped(&self, hands: &Hands<'_>, journal: &mut TurnJournal) -> Result<End> {
        hands.cancel_open(journal).await?;
        Ok(End::Stopped)
    }

    /// The role that the person has now.
    async fn role(&self) -> Result<Role> {
        let principal = self.services.principals.vouch(self.turn.requester, Channel::Agent).await?;
        let role = principal.role_in(self.workspace).ok_or_else(Error::not_found)?;
        if role < Role::Member {
            return Err(Error::forbidden("Your role in this workspace does not allow to chat."));
        }
        Ok(role)
    }

    /// The model that answers; none for a command, and in a workspace without one.
    async fn model(&self, is_command: bool) -> Result<Option<Model>> {
        if is_command || self.services.chat_model.is_none() {
            return Ok(None);
        }
        let scope = crate::WorkspaceScope::system(self.workspace, "answer in a conversation");
        let providers = self.services.store.begin(&scope, Access::Read).await?.models().list().await?;
        let Some((provider, name)) = chosen(providers, self.turn.model.as_ref())? else { return Ok(None) };
        let endpoint = Outward::of(&self.services).endpoint(&scope, &provider).await?;
        Ok(Some(Model { name, endpoint }))
    }

    /// Asks the model once; how the turn ended, if it did.
    async fn round(
        &self,
        journal: &mut TurnJournal,
        model: &Model,
        role: Role,
        warned: &mut bool,
    ) -> Result<Option<End>> {
        let record = journal.record();
        let index = record.rounds.len() + 1;
        let last = index >= ROUNDS || record.tool_calls.len() >= CALLS;
        if index > ROUNDS {
            let message = "The assistant called tools without coming to an end.";
            return Ok(Some(End::Failed(failed(
                TurnErrorKind::Tool,
                message,
                "Ask for less at once, or choose another model.",
            ))));
        }
        let tools =
            if last { Vec::new() } else { tools::offered(&self.pipeline.table, role, &journal.transcript.turns) };
        let prompt = Prompt {
            instructions: INSTRUCTIONS.to_owned(),
            messages: told(&journal.transcript, self.turn.id),
            tools,
            max_output_tokens: OUTPUT,
        };
        let number = u32::try_from(index).unwrap_or(u32::MAX);
        let started =
            vec![Happening::TurnStatus { phase: Phase::CallingModel }, Happening::RoundStarted { index: number }];
        journal.reserve(estimate(&prompt));
        if journal.write(started).await? {
            return Ok(Some(End::Stopped));
        }
        match budget::allowance(&self.services, journal).await? {
            Allowance::Enough => {}
            Allowance::Little(budget) => {
                if let Some(warning) = budget::warning(budget, warned) {
                    journal.write(vec![warning]).await?;
                }
            }
            Allowance::Spent(budget) => {
                journal.reserve(0);
                journal.write(vec![Happening::BudgetExceeded(budget)]).await?;
                let message = "The workspace has used up its tokens for today.";
                return Ok(Some(End::Failed(failed(
                    TurnErrorKind::Budget,
                    message,
                    "Go on tomorrow, or ask your operator for more.",
                ))));
            }
        }
        let message: MessageId = self.services.clock.new_id()?;
        let wire = Outward::of(&self.services).chat_model()?;
        let answered =
            round::ask(wire, &model.endpoint, model.name.model(), &prompt, journal, message, &self.stop).await?;
        journal.reserve(0);
        let said = |text: &str| {
            Happening::MessageCompleted(Message {
                id: message,
                role: Speaker::Assistant,
                text: text.to_owned(),
                model: Some(model.name.clone()),
                screen: None,
            })
        };
        match answered {
            Answered::Whole { text, answer } => {
                let mut events = vec![completed(number, answer.usage, &text, answer.calls)];
                if !text.trim().is_empty() {
                    events.push(said(&text));
                }
                let usage = UsageEntry {
                    id: self.services.clock.new_id()?,
                    at: self.services.clock.now(),
                    person: self.turn.requester,
                    session: self.turn.session,
                    turn: self.turn.id,
                    model: model.name.clone(),
                    usage: answer.usage,
                    cost_micros: None,
                };
                let stop = journal.append(TurnStatus::Running, events, vec![usage]).await?;
                Ok(stop.then_some(End::Stopped))
            }
            Answered::Stopped { text } => {
                keep(journal, number, &text, said).await?;
                Ok(Some(End::Stopped))
            }
            Answered::Failed { text, fault } => {
                tracing::warn!(turn = %self.turn.id, model = %model.name, kind = ?fault.kind, detail = fault.detail, "a model gave no answer");
                keep(journal, number, &text, said).await?;
                Ok(Some(End::Failed(of_fault(&fault))))
            }
        }
    }

    /// Takes the next step of a command.
    async fn command(&self, journal: &mut TurnJournal, record: &TurnRecord) -> Result<Option<End>> {
        let number = u32::try_from(record.rounds.len() + 1).unwrap_or(u32::MAX);
        let events = match commands::next(record) {
            Next::Call(call) => vec![completed(number, TokenUsage::default(), "", vec![call])],
            Next::Say(text) => {
                let message = Message {
                    id: self.services.clock.new_id()?,
                    role: Speaker::Assistant,
                    text,
                    model: None,
                    screen: None,
                };
                vec![completed(number, TokenUsage::default(), "", Vec::new()), Happening::MessageCompleted(message)]
            }
        };
        Ok(journal.write(events).await?.then_some(End::Stopped))
    }

    async fn end(&self, journal: &mut TurnJournal, end: End) -> Result<()> {
        let record = journal.record();
        let summary = record.deeds();
        let (status, events) = match end {
            End::Completed => {
                let mut events = Vec::new();
                // Small models end on what a tool returned and say nothing.
                if !record.messages.iter().any(|message| message.role == Speaker::Assistant) {
                    let text = spoken(&summary);
                    let message = Message {
                        id: self.services.clock.new_id()?,
                        role: Speaker::Assistant,
                        text,
                        model: None,
                        screen: None,
                    };
                    events.push(Happening::MessageCompleted(message));
                }
                let TurnRecord { usage, cost_micros, .. } = record;
                events.push(Happening::TurnCompleted { usage, cost_micros, summary });
                (TurnStatus::Completed, events)
            }
            End::Failed(error) => (TurnStatus::Failed, vec![Happening::TurnFailed { error, summary }]),
            End::Stopped => (TurnStatus::Cancelled, vec![Happening::TurnCancelled { summary }]),
            End::Waits => {
                let phase = Phase::WaitingApproval;
                let said = record.status == TurnStatus::WaitingApproval;
                let events = if said { Vec::new() } else { vec![Happening::TurnStatus { phase }] };
                (TurnStatus::WaitingApproval, events)
            }
        };
        journal.append(status, events, Vec::new()).await?;
        Ok(())
    }
}

/// What was written before an answer broke off is kept.
async fn keep(journal: &mut TurnJournal, index: u32, text: &str, said: impl FnOnce(&str) -> Happening) -> Result<()> {
    if !text.trim().is_empty() {
        journal.write(vec![completed(index, TokenUsage::default(), text, Vec::new()), said(text)]).await?;
    }
    Ok(())
}

fn completed(index: u32, usage: TokenUsage, text: &str, calls: Vec<ProposedCall>) -> Happening {
    Happening::RoundCompleted { index, usage, cost_micros: None, text: text.to_owned(), calls }
}

/// How many tokens an answer may cost, estimated high: a token is seldom shorter than three bytes.
fn estimate(prompt: &Prompt) -> u64 {
    let tools: usize = prompt.tools.iter().map(|tool| tool.description.len() + tool.schema.to_string().len()).sum();
    let said: usize = prompt.messages.iter().map(|message| format!("{message:?}").len()).sum();
    ((prompt.instructions.len() + tools + said) / 3) as u64 + u64::from(prompt.max_output_tokens)
}

/// The answer of a model that says nothing: what was done.
fn spoken(summary: &[Deed]) -> String {
    let line = |deed: &Deed| {
        let how = match deed.status {
            ToolCallStatus::Succeeded => "done",
            ToolCallStatus::Denied => "denied",
            ToolCallStatus::Unknown => "not known whether it was done",
            _ => "not done",
        };
        format!("- {}: {how}", deed.title)
    };
    if summary.is_empty() {
        return "The model gave no answer in words. Ask again, or choose another model.".to_owned();
    }
    format!("This is what was done:\n{}", summary.iter().map(line).collect::<Vec<_>>().join("\n"))
}

fn failed(kind: TurnErrorKind, message: &str, action: &str) -> TurnError {
    TurnError { kind, message: message.to_owned(), action: action.to_owned() }
}

fn of_fault(fault: &ModelFault) -> TurnError {
    failed(fault.kind.into(), &fault.message, advice(fault.kind))
}

fn not_allowed(error: &Error) -> TurnError {
    failed(TurnErrorKind::Policy, error.detail(), "Ask an admin of the workspace.")
}

fn internal(error: &Error) -> TurnError {
    let (message, action) = if error.is_temporary() {
        ("The answer could not be kept.", "Send the message again in a moment.")
    } else {
        ("Something went wrong on our side.", "Send the message again; if it stays, tell your operator.")
    };
    failed(TurnErrorKind::Internal, message, action)
}
