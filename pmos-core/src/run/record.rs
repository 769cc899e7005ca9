//! What is written down of a run while it is at work.

use serde_json::value::RawValue;

use super::{RunStatus, StepStatus};
use crate::{Timestamp, flow::StepId};

/// One thing that happened in a run. The journal only grows; of several records with the same place and attempt the
/// last one counts.
#[derive(Debug, Clone)]
pub struct StepRecord {
    /// Where in the run: the passes of the loops around the step, outermost first, as `(loop step, pass)`.
    pub within: Vec<(StepId, u32)>,
    /// The step.
    pub step: StepId,
    /// Its name at this time.
    pub name: String,
    /// How far it is. `Running` is the recorded intent of an outward call.
    pub status: StepStatus,
    /// Which try this is, from 1.
    pub attempt: u32,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took so far, in microseconds.
    pub duration_us: u64,
    /// Its settings with every expression resolved, without secrets.
    pub input: Option<Box<RawValue>>,
    /// What it gave. Whole for the trigger and for outward calls, because a run is resumed from it; what people are
    /// shown of it is capped by [`steps_of`](super::steps_of).
    pub output: Option<Box<RawValue>>,
    /// Why it failed, in plain language.
    pub error: Option<String>,
}

/// How a run stands.
#[derive(Debug, Clone)]
pub struct RunState {
    /// How far it is.
    pub status: RunStatus,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// How long it was at work, in microseconds; waits are not counted. Known at its end and while it waits.
    pub duration_us: Option<u64>,
    /// When it goes on, of a run that waits; without it only a signal wakes it.
    pub wake_at: Option<Timestamp>,
    /// Why it failed, in plain language.
    pub error: Option<String>,
    /// What the respond step answered.
    pub result: Option<Box<RawValue>>,
}

impl RunState {
    /// A run that is this far, and of which nothing else is to be said.
    pub const fn of(status: RunStatus) -> Self {
        Self { status, finished_at: None, duration_us: None, wake_at: None, error: None, result: None }
    }
}
