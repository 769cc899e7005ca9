//! How an engine that runs flows inside this process talks to the rest of PMOS.

use std::{fmt::Debug, time::Duration};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};

use super::{Intake, RunState, RunStatus, StepRecord, StepRun, StepStatus, TriggerKind, shown};
use crate::{
    ConnectionId, FlowId, Result, RunId, Timestamp, WorkspaceId,
    flow::{Document, StepId},
    schedule::Schedule,
    store::RunRow,
    vault::Credential,
};

/// What an engine is asked to run.
#[derive(Debug, Clone)]
pub struct RunOrder {
    /// Whose flow it is.
    pub workspace: WorkspaceId,
    /// The id of the new run.
    pub run: RunId,
    /// The flow.
    pub flow: FlowId,
    /// Names this exact text of the flow, so that an engine may keep it compiled: the published version, or a draft's
    /// revision.
    pub edition: Edition,
    /// The flow itself.
    pub document: Document,
    /// What made it start.
    pub trigger: TriggerKind,
    /// What the trigger received; masked already, safe to record. When a run is resumed this is the output of the
    /// trigger's record, which holds it whole.
    pub input: Value,
    /// How long the run was at work before its last wait.
    pub worked: Duration,
}

/// Names one exact text of a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Edition {
    /// A published version.
    Version(u32),
    /// A revision of the draft.
    Draft(u64),
}

/// A run of another automation that a run is about to start. It begins once it is committed with the record that names it,
/// so that it is started exactly once.
#[derive(Debug)]
pub struct Child(pub(crate) RunRow);

impl Child {
    /// Its id, to be recorded.
    pub fn run(&self) -> RunId {
        self.0.summary.id
    }

    /// A child that no store knows, for the tests of engines.
    #[cfg(feature = "testkit")]
    pub fn for_tests(row: RunRow) -> Self {
        Self(row)
    }
}

/// How a run stands that another one started.
#[derive(Debug, Clone)]
pub struct ChildState {
    /// How far it is.
    pub status: RunStatus,
    /// Why it failed.
    pub error: Option<String>,
    /// What its respond step answered.
    pub result: Option<Box<RawValue>>,
}

/// What a webhook's caller gets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers in order.
    pub headers: Vec<(String, String)>,
    /// The body, sent as [`bytes_of`](crate::content::bytes_of) writes it; none is sent with 204, 205 and 304.
    pub body: Value,
}

/// What PMOS lends an engine for one run.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait RunContext: Debug + Send + Sync {
    /// The time of day.
    fn now(&self) -> Timestamp;

    /// Puts these records and the state of the run on disk, and starts `children` with them. When it returns they survive a
    /// power cut; nothing that follows from them may leave PMOS before. Batches of one run are written in the order of the
    /// calls. With a state that waits the run is given back: the engine returns, and is called again when it is due.
    ///
    /// # Errors
    /// When the store cannot write; the run must then stop where it is, it will be resumed.
    async fn commit(&self, records: Vec<StepRecord>, state: RunState, children: Vec<Child>) -> Result<()>;

    /// A run of another automation of this workspace, not yet started.
    ///
    /// # Errors
    /// `not_found` when there is no such automation, `not_published`, `too_deep` when too many stand above, a quota; what
    /// else the store says is temporary.
    async fn child(&self, flow: FlowId, input: Value) -> Result<Child>;

    /// How a run stands that this one started: at its end, or when so much time is over; none when it is not there any more.
    /// When it ends while this run waits, this run is due.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn child_end(&self, run: RunId, within: Duration) -> Result<Option<ChildState>>;

    /// Shows watchers a step at work. Not stored: what is shown here is read back from the journal later.
    fn progress(&self, step: &StepRecord);

    /// Answers the webhook's caller. Only after what led to it is committed; later answers are ignored.
    async fn answer(&self, answer: Answer);

    /// Opens a stored credential for one outward call.
    ///
    /// # Errors
    /// When there is no such connection in this workspace.
    async fn credential(&self, connection: ConnectionId) -> Result<Credential>;

    /// Whether a person asked to stop the run.
    fn is_cancelled(&self) -> bool;

    /// Returns when a person asks to stop the run.
    async fn cancelled(&self);
}

/// Runs flows inside this process.
#[async_trait]
pub trait Runner: Send + Sync {
    /// What the webhook of this flow takes, none when it has no webhook. PMOS asks before a run exists.
    fn intake(&self, workspace: WorkspaceId, flow: FlowId, edition: Edition, document: &Document) -> Option<Intake> {
        let _ = (workspace, flow, edition, document);
        Some(Intake::default())
    }

    /// What a start by hand gives a flow, with what was left out filled in.
    ///
    /// # Errors
    /// `invalid_input` naming what does not fit the questions of its trigger, below `input`.
    fn filled_in(&self, document: &Document, input: Value) -> Result<Value> {
        let _ = document;
        Ok(input)
    }

    /// When the trigger of this flow starts it by itself; none when something else has to. PMOS asks when the flow is
    /// published or turned on.
    fn schedule(&self, document: &Document) -> Option<Schedule> {
        let _ = document;
        None
    }

    /// Runs `order` to its end, a wait, or a failure of the store. `recorded` holds what an earlier process wrote of the
    /// same run, in order, empty for a new one: no recorded step runs again, and an outward call whose answer was lost
    /// is repeated only when declared safe.
    ///
    /// # Errors
    /// Only when the context cannot write; everything that goes wrong inside the flow is part of the run's record.
    async fn run(&self, order: RunOrder, recorded: Vec<StepRecord>, context: &dyn RunContext) -> Result<()>;
}

/// Folds a journal into what people read.
pub fn steps_of(records: impl IntoIterator<Item = StepRecord>) -> Vec<StepRun> {
    let mut steps = Vec::new();
    for record in records {
        place(&mut steps, &record.within.clone(), record);
    }
    steps
}

fn place(steps: &mut Vec<StepRun>, within: &[(StepId, u32)], record: StepRecord) {
    let Some(((around, pass), inner)) = within.split_first() else {
        return settle(steps, record);
    };
    let Some(around) = steps.iter_mut().rev().find(|step| &step.id == around) else {
        return;
    };
    let iterations = around.iterations.get_or_insert_default();
    let at = match iterations.binary_search_by_key(pass, |iteration| iteration.index) {
        Ok(at) => at,
        Err(at) => {
            iterations.insert(at, super::Iteration { index: *pass, status: StepStatus::Running, steps: Vec::new() });
            at
        }
    };
    let iteration = &mut iterations[at];
    place(&mut iteration.steps, inner, record);
    iteration.status = iteration
        .steps
        .iter()
        .map(|step| step.status)
        .find(|status| !matches!(status, StepStatus::Succeeded | StepStatus::Skipped))
        .unwrap_or(StepStatus::Succeeded);
}

fn settle(steps: &mut Vec<StepRun>, record: StepRecord) {
    #[expect(clippy::cast_precision_loss, reason = "a step of 285 years is not our concern")]
    let duration_ms = Some(record.duration_us as f64 / 1_000.0);
    let known = steps.iter().rposition(|step| step.id == record.step);
    let iterations = known.and_then(|at| steps[at].iterations.take());
    let step = StepRun {
        id: record.step,
        name: record.name,
        status: record.status,
        started_at: Some(record.started_at),
        duration_ms,
        input: record.input.map(shown).or_else(|| known.and_then(|at| steps[at].input.take())),
        output: record.output.map(shown),
        attempt: record.attempt,
        error: record.error,
        iterations,
    };
    match known {
        Some(at) => steps[at] = step,
        None => steps.push(step),
    }
}
