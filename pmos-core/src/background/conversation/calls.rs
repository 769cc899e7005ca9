//! Calls of tools: each passes the one pipeline, with the rights of the person, and is one state machine in the journal.

use std::{sync::Arc, time::Instant};

use serde_json::{Map, Value};

use super::{super::approver::resolved, journal::TurnJournal, tools};
use crate::{
    ApprovalId, Channel, Error, Kind, Result, Role, ToolCallId,
    action::{Called, Caller, Pipeline, RequestInfo, enter_again},
    approval::{Approval, ApprovalStatus, Origin},
    chat::{Happening, Phase, PlanStep, ToolCall, ToolCallStatus, ToolError, TurnRecord},
    effect::Effect,
    model::{CallArguments, ProposedCall},
    readable::is_deceptive,
    services::Services,
    store::{Access, Closing, Remembered},
};

/// How many bytes of what a tool returns a model is told.
const LONGEST: usize = 32_000;
/// How often the same call is carried out in a turn.
const SAME: usize = 3;

/// How the calls of a round stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Calls {
    /// All have an end.
    Ended,
    /// Some wait for a person.
    Wait,
    /// The person stopped the turn.
    Stopped,
}

/// Carries out the calls of a turn.
pub(super) struct Hands<'t> {
    pub(super) services: &'t Services,
    pub(super) pipeline: &'t Arc<Pipeline>,
    /// By which way they are done: an assistant's, or the person's own when it is a command.
    pub(super) channel: Channel,
    pub(super) role: Role,
}

impl Hands<'_> {
    /// Goes on with the calls of the last round, in their order, until all have an end or wait.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub(super) async fn go_on(&self, journal: &mut TurnJournal) -> Result<Calls> {
        let turn = journal.turn().id;
        let round = journal.transcript.turn(turn).and_then(|record| record.rounds.last().cloned());
        let Some(round) = round else { return Ok(Calls::Ended) };
        let mut waits = false;
        for (at, proposed) in round.calls.iter().enumerate() {
            let known = round.ids.get(at).and_then(|id| journal.transcript.turn(turn)?.call(*id)).cloned();
            let call = match known {
                Some(call) if is_final(call.status) => continue,
                Some(call) => call,
                None => {
                    let call = self.proposed(proposed)?;
                    if journal.write(vec![Happening::ToolProposed(call.clone())]).await? {
                        self.cancel(journal, call).await?;
                        return Ok(Calls::Stopped);
                    }
                    call
                }
            };
            let stopped = match call.status {
                ToolCallStatus::WaitingApproval => match self.look(journal, call).await? {
                    None => {
                        waits = true;
                        false
                    }
                    Some(stopped) => stopped,
                },
                ToolCallStatus::Running => self.recover(journal, call).await?,
                _ => self.carry_out(journal, call, &proposed.arguments).await?,
            };
            if stopped {
                return Ok(Calls::Stopped);
            }
            let waiting = |record: &TurnRecord| {
                record.tool_calls.iter().any(|call| call.status == ToolCallStatus::WaitingApproval)
            };
            waits |= journal.transcript.turn(turn).is_some_and(waiting);
        }
        Ok(if waits { Calls::Wait } else { Calls::Ended })
    }

    /// Ends what has no end yet, since the person stopped the turn.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub(super) async fn cancel_open(&self, journal: &mut TurnJournal) -> Result<()> {
        let open = journal.transcript.turn(journal.turn().id).map(|record| record.tool_calls.clone());
        for call in open.into_iter().flatten().filter(|call| !is_final(call.status)) {
            self.cancel(journal, call).await?;
        }
        Ok(())
    }

    async fn cancel(&self, journal: &mut TurnJournal, call: ToolCall) -> Result<()> {
        let status =
            if call.status == ToolCallStatus::Running { ToolCallStatus::Unknown } else { ToolCallStatus::Cancelled };
        if let Some(approval) = call.approval {
            self.withdraw(journal, approval).await?;
        }
        journal.write(vec![Happening::ToolCompleted(ToolCall { status, ..call })]).await?;
        Ok(())
    }

    /// Takes a request back that no one has decided: what a person stopped is not done later.
    async fn withdraw(&self, journal: &TurnJournal, id: ApprovalId) -> Result<()> {
        let (store, now) = (&self.services.store, self.services.clock.now());
        let found = store.begin(journal.scope(), Access::Read).await?.approvals().get(id).await?;
        let Some(waiting) = found.filter(|approval| approval.status == ApprovalStatus::Pending) else { return Ok(()) };
        let ended = Approval { status: ApprovalStatus::Expired, told: true, finished_at: Some(now), ..waiting };
        let mut unit = store.begin(journal.scope(), Access::Write).await?;
        if unit.approvals().update(&ended).await? {
            let events = unit.commit(Closing { events: vec![resolved(&ended, now)], ..Closing::default() }).await?;
            self.services.publish(journal.scope().workspace(), events);
        }
        Ok(())
    }

    fn proposed(&self, proposed: &ProposedCall) -> Result<ToolCall> {
        let entry = tools::action(&self.pipeline.table, self.role, &proposed.tool);
        let title = match (entry, proposed.tool.as_str()) {
            (Some(entry), _) => entry.summary().trim_end_matches('.').to_owned(),
            (None, tools::UPDATE_PLAN) => "Plans".to_owned(),
            (None, tools::FIND_TOOLS) => "Looks for tools".to_owned(),
            (None, tool) => format!("Unknown tool {}", clean(tool, 64)),
        };
        Ok(ToolCall {
            tool_call: self.services.clock.new_id()?,
            tool: clean(&proposed.tool, 128),
            title,
            arguments: match &proposed.arguments {
                CallArguments::Read(arguments) => Value::Object(arguments.clone()),
                CallArguments::Unreadable(text) => Value::String(clean(text, LONGEST)),
            },
            effect: entry.map_or(Effect::Read, |entry| entry.spec.effect),
            status: ToolCallStatus::Proposed,
            summary: None,
            error: None,
            approval: None,
            result: None,
            duration_ms: None,
        })
    }

    /// Begins and carries out a call; whether the turn was asked to stop.
    async fn carry_out(&self, journal: &mut TurnJournal, call: ToolCall, arguments: &CallArguments) -> Result<bool> {
        let arguments = match arguments {
            CallArguments::Read(arguments) => arguments.clone(),
            CallArguments::Unreadable(_) => {
                return self
                    .end(journal, refused(call, "unreadable_arguments", "The arguments are no JSON object."))
                    .await;
            }
        };
        let record = journal.transcript.turn(journal.turn().id);
        let same = |known: &&ToolCall| known.tool == call.tool && known.arguments == call.arguments;
        if record.is_some_and(|record| record.tool_calls.iter().filter(same).count() > SAME) {
            let message = "This was called with the same arguments again and again. Do something else, or say what is in the way.";
            return self.end(journal, refused(call, "repeated", message)).await;
        }
        match call.tool.as_str() {
            tools::UPDATE_PLAN => self.plan(journal, call, arguments).await,
            tools::FIND_TOOLS => {
                let query = arguments.get("query").and_then(Value::as_str).unwrap_or_default();
                let found = tools::search(&self.pipeline.table, self.role, query);
                self.end(journal, done(call, &found, None)).await
            }
            _ => self.act(journal, call, arguments).await,
        }
    }

    async fn plan(&self, journal: &mut TurnJournal, call: ToolCall, arguments: Map<String, Value>) -> Result<bool> {
        #[derive(serde::Deserialize)]
        struct Plan {
            steps: Vec<PlanStep>,
        }
        match serde_json::from_value::<Plan>(Value::Object(arguments)) {
            Ok(Plan { mut steps }) => {
                steps.truncate(20);
                for step in &mut steps {
                    step.title = clean(&step.title, 200);
                }
                let ended = done(call, "The person sees the plan.", None);
                journal.write(vec![Happening::PlanUpdated { steps }, Happening::ToolCompleted(ended)]).await
            }
            Err(error) => self.end(journal, refused(call, "invalid_input", &error.to_string())).await,
        }
    }

    async fn act(&self, journal: &mut TurnJournal, call: ToolCall, arguments: Map<String, Value>) -> Result<bool> {
        let Some(entry) = tools::action(&self.pipeline.table, self.role, &call.tool) else {
            let message =
                "There is no such tool for this person. Use the tools you were told, or look with find_tools.";
            return self.end(journal, refused(call, "unknown_tool", message)).await;
        };
        let call = ToolCall { status: ToolCallStatus::Running, ..call };
        let started = vec![Happening::TurnStatus { phase: Phase::RunningTool }, Happening::ToolStarted(call.clone())];
        if journal.write(started).await? {
            let call = ToolCall { status: ToolCallStatus::Proposed, ..call };
            self.cancel(journal, call).await?;
            return Ok(true);
        }
        let begun = Instant::now();
        let called = match self.enter(journal, call.tool_call).await {
            Ok(caller) => caller.call(entry.spec.name, Value::Object(arguments)).await,
            Err(error) => Err(error),
        };
        let took = begun.elapsed().as_secs_f64() * 1_000.0;
        match called {
            Ok(Called::Done(answer)) => self.end(journal, done(call, answer.get(), Some(took))).await,
            Ok(Called::Parked(approval)) => self.wait(journal, call, approval).await,
            Err(error) => self.end(journal, ToolCall { duration_ms: Some(took), ..failed(call, &error) }).await,
        }
    }

    async fn enter(&self, journal: &TurnJournal, call: ToolCallId) -> Result<Caller> {
        let turn = journal.turn();
        // Done under the name of the call, so that one which was begun before a crash is never done twice.
        let key = Some(call.to_string().parse()?);
        let request = RequestInfo { idempotency_key: key, ..RequestInfo::new(&*self.services.clock)? };
        let who = (turn.requester, self.channel);
        let caller = enter_again(self.services, self.pipeline, who, journal.scope().workspace(), request).await?;
        Ok(caller.within(Origin { session: Some(turn.session), turn: Some(turn.id) }))
    }

    async fn wait(&self, journal: &mut TurnJournal, call: ToolCall, approval: ApprovalId) -> Result<bool> {
        let mut unit = self.services.store.begin(journal.scope(), Access::Read).await?;
        let summary = unit.approvals().get(approval).await?.map_or_else(|| call.title.clone(), |kept| kept.summary);
        drop(unit);
        let call = ToolCall { status: ToolCallStatus::WaitingApproval, approval: Some(approval), ..call };
        let requested = Happening::ApprovalRequested { tool_call: call.tool_call, approval, summary };
        journal.write(vec![requested, Happening::ToolCompleted(call)]).await
    }

    /// Looks how the request stands that a call waits for; none while it waits.
    async fn look(&self, journal: &mut TurnJournal, call: ToolCall) -> Result<Option<bool>> {
        let Some(id) = call.approval else { return Err(Error::internal("find what a call waits for")) };
        let mut unit = self.services.store.begin(journal.scope(), Access::Read).await?;
        let found = unit.approvals().get(id).await?;
        drop(unit);
        let Some(approval) = found else {
            return self.end(journal, refused(call, "not_found", "The request for approval is gone.")).await.map(Some);
        };
        if !approval.status.is_final() || !approval.told {
            return Ok(None);
        }
        let resolved = Happening::ApprovalResolved {
            tool_call: call.tool_call,
            approval: id,
            status: approval.status,
            edited: approval.edited,
        };
        let ended = resolved_call(call, approval);
        journal.write(vec![resolved, Happening::ToolCompleted(ended)]).await.map(Some)
    }

    /// What became of a call that was under way when the process ended. It is repeated only where that cannot do any harm.
    async fn recover(&self, journal: &mut TurnJournal, call: ToolCall) -> Result<bool> {
        let Some(entry) = tools::action(&self.pipeline.table, self.role, &call.tool) else {
            return self.end(journal, ToolCall { status: ToolCallStatus::Unknown, ..call }).await;
        };
        let name = entry.spec.name;
        let caller = self.enter(journal, call.tool_call).await?;
        let again = entry.spec.effect <= Effect::Draft;
        match caller.remembered(name).await? {
            Some(Remembered::Parked(approval)) => self.wait(journal, call, approval).await,
            Some(Remembered::Done(answer)) => {
                let answer = answer.as_deref().map_or("It was done.", |answer| answer.get());
                self.end(journal, done(call, answer, None)).await
            }
            None if again => {
                let arguments = call.arguments.clone();
                match caller.call(name, arguments).await {
                    Ok(Called::Done(answer)) => self.end(journal, done(call, answer.get(), None)).await,
                    Ok(Called::Parked(approval)) => self.wait(journal, call, approval).await,
                    Err(error) => self.end(journal, failed(call, &error)).await,
                }
            }
            None => {
                let message = "The server stopped while this was done, so it is not known whether it was. Look before anything else.";
                let unknown = ToolCall {
                    status: ToolCallStatus::Unknown,
                    result: Some(message.to_owned()),
                    summary: Some(message.to_owned()),
                    ..call
                };
                self.end(journal, unknown).await
            }
        }
    }

    async fn end(&self, journal: &mut TurnJournal, call: ToolCall) -> Result<bool> {
        journal.write(vec![Happening::ToolCompleted(call)]).await
    }
}

fn is_final(status: ToolCallStatus) -> bool {
    !matches!(status, ToolCallStatus::Proposed | ToolCallStatus::Running | ToolCallStatus::WaitingApproval)
}

fn done(call: ToolCall, answer: &str, duration_ms: Option<f64>) -> ToolCall {
    ToolCall { status: ToolCallStatus::Succeeded, result: Some(clean(answer, LONGEST)), duration_ms, ..call }
}

fn refused(call: ToolCall, code: &str, message: &str) -> ToolCall {
    let error = ToolError { code: code.to_owned(), message: message.to_owned() };
    ToolCall {
        status: ToolCallStatus::Failed,
        result: Some(format!("Refused ({code}): {message}")),
        error: Some(error),
        ..call
    }
}

fn failed(call: ToolCall, error: &Error) -> ToolCall {
    if error.kind() == Kind::Internal {
        tracing::error!(tool = call.tool, ?error, "a tool of a conversation failed");
    }
    let fields = error.fields().iter().filter(|at| !error.detail().contains(&at.message));
    let fields = fields.map(|at| format!("{}: {}.", at.field, at.message));
    // What a model needs to mend its call.
    let more = ["issues", "current"].into_iter().filter_map(|key| Some(format!("{key}: {}", error.more().get(key)?)));
    let message: Vec<String> = [error.detail().to_owned()].into_iter().chain(fields).chain(more).collect();
    refused(call, error.code(), &clean(&message.join(" "), LONGEST))
}

fn resolved_call(call: ToolCall, approval: Approval) -> ToolCall {
    let edited = if approval.edited {
        format!(" The person changed the arguments to {}.", approval.input.get())
    } else {
        String::new()
    };
    let (status, told) = match approval.status {
        ApprovalStatus::Executed => {
            let answer = approval.result.as_deref().map_or("Its answer is lost; look before you go on.", |it| it.get());
            (ToolCallStatus::Succeeded, format!("A person approved it, and it was done.{edited} {answer}"))
        }
        ApprovalStatus::Denied => (ToolCallStatus::Denied, "A person denied it. Nothing was done.".to_owned()),
        ApprovalStatus::Expired => (ToolCallStatus::Expired, "No one decided in time. Nothing was done.".to_owned()),
        ApprovalStatus::Failed | ApprovalStatus::Pending | ApprovalStatus::Approved => {
            let why = approval.error.as_deref().unwrap_or("It could not be done.");
            (ToolCallStatus::Failed, format!("A person approved it, but it failed.{edited} {why}"))
        }
    };
    let error = (status == ToolCallStatus::Failed)
        .then(|| ToolError { code: "failed".to_owned(), message: approval.error.unwrap_or_default() });
    ToolCall { status, error, result: Some(clean(&told, LONGEST)), summary: Some(approval.summary), ..call }
}

/// A text as data for a model: without what is not seen, and not longer than this.
fn clean(text: &str, longest: usize) -> String {
    let seen = |c: &char| (!c.is_control() || matches!(c, '\n' | '\t')) && !is_deceptive(*c);
    let mut clean: String = text.chars().filter(seen).collect();
    if clean.len() > longest {
        let bytes = clean.len();
        clean.truncate(clean.floor_char_boundary(longest));
        return format!("{clean}… (cut; {bytes} bytes in all)");
    }
    clean
}
