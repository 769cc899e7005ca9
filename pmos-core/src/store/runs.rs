use async_trait::async_trait;
use serde_json::value::RawValue;

use crate::{
    FlowId, NodeId, Page, PageRequest, Result, RunId, Timestamp,
    flow::Document,
    run::{RunState, RunStatus, RunSummary, StepRecord},
};

/// A run as it is kept, besides its steps.
#[derive(Debug, Clone)]
pub struct RunRow {
    /// What lists show.
    pub summary: RunSummary,
    /// The revision of the draft it runs, when it does not run a published version.
    pub draft_revision: Option<u64>,
    /// The document of that draft.
    pub draft: Option<Document>,
    /// What the trigger received, until the first record says it.
    pub input: Option<Box<RawValue>>,
    /// How many runs of other automations it stands under.
    pub depth: u32,
    /// Whether it was asked to stop.
    pub cancel: bool,
    /// Who works on it.
    pub owner: Owner,
}

impl RunRow {
    /// A run of a published version, without an owner.
    pub fn new(summary: RunSummary, input: Option<Box<RawValue>>) -> Self {
        Self { summary, draft_revision: None, draft: None, input, depth: 0, cancel: false, owner: Owner::default() }
    }
}

/// Which process works on a run. Every takeover counts the epoch up, and nothing is written under an old one, so a process
/// that lost a run cannot write to it any more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Owner {
    /// The process; none while the run is queued, waits or has ended.
    pub node: Option<NodeId>,
    /// How often the run was taken over.
    pub epoch: u64,
}

/// Which runs are asked for; an empty filter asks for all.
#[derive(Debug, Clone, Default)]
pub struct RunFilter {
    /// Of this flow.
    pub flow: Option<FlowId>,
    /// Of this engine.
    pub engine: Option<String>,
    /// As far as this.
    pub status: Option<RunStatus>,
    /// With this text in the error, the result or the name of the flow, upper and lower case alike. What steps took and
    /// gave is not searched: it has no bound, and no index over it would be small.
    pub text: Option<String>,
    /// Begun at or after.
    pub since: Option<Timestamp>,
    /// Begun before.
    pub until: Option<Timestamp>,
}

/// How many runs began in a span of time, and how they ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunCount {
    /// The beginning of the span.
    pub at: Timestamp,
    /// How far they are.
    pub status: RunStatus,
    /// How many.
    pub count: u64,
}

/// A flow whose runs failed.
#[derive(Debug, Clone)]
pub struct FailingFlow {
    /// The flow.
    pub flow: FlowId,
    /// How many failed runs.
    pub failures: u64,
    /// Why the newest failed.
    pub last_error: Option<String>,
    /// When the newest failed.
    pub last_at: Timestamp,
}

/// The runs of the workspace.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait RunRepository: Send {
    /// A page of runs, newest first.
    async fn list(&mut self, filter: &RunFilter, page: &PageRequest) -> Result<Page<RunSummary>>;
    /// One run.
    async fn get(&mut self, id: RunId) -> Result<Option<RunRow>>;
    /// Its journal in order.
    async fn records(&mut self, id: RunId) -> Result<Vec<StepRecord>>;
    /// Adds a queued run.
    async fn insert(&mut self, run: &RunRow) -> Result<()>;
    /// Takes a run over that is not final and that is still as `seen`: it is running then, its signal is taken, and who
    /// worked on it before cannot write any more. `false` when it changed.
    async fn claim(&mut self, id: RunId, seen: Owner, node: NodeId) -> Result<bool>;
    /// Asks a run of an engine in this process to stop: its owner learns it with its next write, and one without an owner
    /// is due at once. `false` when it has ended.
    async fn cancel(&mut self, id: RunId, now: Timestamp) -> Result<bool>;
    /// Ends a run as it stands, if it is not final yet; its owner, if it has one, cannot write any more. The runs that it
    /// started are asked to stop, and the one that started it is due.
    async fn settle(&mut self, id: RunId, state: &RunState, now: Timestamp) -> Result<bool>;
    /// Adds a run that a remote engine runs, or brings a known one up to date: everything but id, flow, engine and who
    /// started it. One that ended never goes back to being unfinished. `false` when its flow is not there.
    async fn absorb(&mut self, run: &RunSummary) -> Result<bool>;
    /// The runs of a remote engine that have not ended, oldest first, at most 200.
    async fn unfinished(&mut self, engine: &str) -> Result<Vec<RunSummary>>;
    /// How many began since.
    async fn count_since(&mut self, since: Timestamp) -> Result<u64>;
    /// How many began since, in spans of `span_us` microseconds, by status.
    async fn series(&mut self, since: Timestamp, span_us: u64) -> Result<Vec<RunCount>>;
    /// Durations in microseconds of finished runs begun since, in order, of at most the newest `limit`.
    async fn durations(&mut self, since: Timestamp, limit: u32) -> Result<Vec<u64>>;
    /// The flows with the most failed runs begun since, besides those of which a later run succeeded.
    async fn failing(&mut self, since: Timestamp, limit: u32) -> Result<Vec<FailingFlow>>;
    /// Deletes runs that ended before, with their journals and what the map of remote engines says of them, at most
    /// `limit`; how many it were.
    async fn purge(&mut self, before: Timestamp, limit: u32) -> Result<u64>;
}
