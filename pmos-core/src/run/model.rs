//! The record of a run and of its steps.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{FlowId, RunId, Timestamp, flow::StepId};

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RunStatus {
    /// Accepted, not yet begun.
    Queued,
    /// At work.
    Running,
    /// Waits for a time, a person or another run.
    Waiting,
    /// Ended as it should.
    Succeeded,
    /// Ended by a failure.
    Failed,
    /// Ended by a person.
    Cancelled,
    /// Took longer than allowed.
    TimedOut,
    /// An effect was begun whose answer was lost; a person decides whether to repeat it.
    NeedsAttention,
}

impl RunStatus {
    /// Whether nothing more will happen by itself.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Running | Self::Waiting)
    }

    /// The name used on the wire and in stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::TimedOut => "timed_out",
            Self::NeedsAttention => "needs_attention",
        }
    }
}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    /// Its turn will come.
    Queued,
    /// At work; for an outward call this is the recorded intent.
    Running,
    /// Waits for a time or a person.
    Waiting,
    /// Done.
    Succeeded,
    /// Failed.
    Failed,
    /// Left out on purpose.
    Skipped,
    /// Stopped by a person.
    Cancelled,
    /// Begun at a remote engine; whether it took effect is not known.
    Unknown,
}

impl StepStatus {
    /// The name used on the wire and in stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Cancelled => "cancelled",
            Self::Unknown => "unknown",
        }
    }
}

macro_rules! statuses {
    ($($Status:ident),*) => {$(
        impl std::str::FromStr for $Status {
            type Err = serde::de::value::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::deserialize(serde::de::value::StrDeserializer::new(text))
            }
        }
    )*};
}
statuses!(RunStatus, StepStatus);

/// What made a run start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TriggerKind {
    /// A call of the flow's webhook.
    Webhook,
    /// A person, a key or an assistant.
    Manual,
    /// A time, or something the engine itself watches.
    Schedule,
    /// Another flow.
    Subflow,
    /// A repeat of an earlier run.
    Retry,
}

/// What a list of runs shows.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RunSummary {
    /// Its id, ours for every engine.
    pub id: RunId,
    /// The flow that ran.
    pub flow: FlowId,
    /// The engine that ran it.
    pub engine: String,
    /// The published version, none for a draft.
    pub version: Option<u32>,
    /// How far it is.
    pub status: RunStatus,
    /// What made it start.
    pub trigger: TriggerKind,
    /// The person, key or assistant that started it, as `usr_…`; none when it started by itself.
    pub started_by: Option<String>,
    /// The run of another automation that started it.
    pub parent: Option<RunId>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// How long it was at work, in milliseconds; the time that it waited is not counted.
    pub duration_ms: Option<f64>,
    /// When it goes on by itself, while it waits for a time.
    pub wake_at: Option<Timestamp>,
    /// Why it failed, in plain language.
    pub error: Option<String>,
    /// What the respond step answered.
    #[schemars(with = "serde_json::Value")]
    pub result: Option<Box<RawValue>>,
}

impl RunSummary {
    /// A run that was accepted at this time and has not begun.
    pub fn queued(
        id: RunId,
        flow: FlowId,
        engine: impl Into<String>,
        version: Option<u32>,
        trigger: TriggerKind,
        at: Timestamp,
    ) -> Self {
        Self {
            id,
            flow,
            engine: engine.into(),
            version,
            status: RunStatus::Queued,
            trigger,
            started_by: None,
            parent: None,
            started_at: at,
            finished_at: None,
            duration_ms: None,
            wake_at: None,
            error: None,
            result: None,
        }
    }
}

/// A run with its steps.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Run {
    /// The summary, as in lists.
    #[serde(flatten)]
    pub summary: RunSummary,
    /// The steps in the order they began; a step that did not run is absent. The trigger comes first.
    pub steps: Vec<StepRun>,
    /// Why steps are missing, where they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What one step did.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct StepRun {
    /// The step in the flow.
    pub id: StepId,
    /// Its name when it ran.
    pub name: String,
    /// How far it is.
    pub status: StepStatus,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<f64>,
    /// Its settings with every expression resolved; secrets never stand here.
    #[schemars(with = "serde_json::Value")]
    pub input: Option<Box<RawValue>>,
    /// What it gave.
    #[schemars(with = "serde_json::Value")]
    pub output: Option<Box<RawValue>>,
    /// Which try this was, from 1.
    pub attempt: u32,
    /// Why it failed, in plain language.
    pub error: Option<String>,
    /// The passes of a loop, none for other steps.
    pub iterations: Option<Vec<Iteration>>,
}

/// One pass of a loop.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Iteration {
    /// Which pass, from 0.
    pub index: u32,
    /// How far it is.
    pub status: StepStatus,
    /// What the steps of the body did in this pass.
    pub steps: Vec<StepRun>,
}
