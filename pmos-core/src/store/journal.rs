use async_trait::async_trait;

use super::{RunRow, StoredAnswer};
use crate::{
    Result, RunId, Timestamp, WorkspaceScope,
    event::{Event, NewEvent},
    run::{RunState, StepRecord},
};

/// What one run has to write down at a barrier.
#[derive(Debug)]
pub struct RunBatch {
    /// The run.
    pub run: RunId,
    /// The epoch of the process that writes; under another one than the run's nothing is written.
    pub epoch: u64,
    /// The run's row, when this is the first that is heard of it.
    pub begin: Option<RunRow>,
    /// How the run stands now.
    pub state: RunState,
    /// The place of the first record in the run's journal, from 0.
    pub first: u32,
    /// What happened, in order.
    pub records: Vec<StepRecord>,
    /// Runs of other automations that it starts, queued.
    pub children: Vec<RunRow>,
    /// Whether runs that it started may still be under way: they are asked to stop when it ends.
    pub has_children: bool,
    /// The run that started it: due when this one ends.
    pub parent: Option<RunId>,
    /// What is remembered with it, as of the request that began the run; a second of the same key refuses the batch.
    pub answers: Vec<StoredAnswer>,
    /// The time of the write.
    pub at: Timestamp,
    /// For the workspace log.
    pub events: Vec<NewEvent>,
}

/// What a batch led to.
#[derive(Debug)]
pub struct Appended {
    /// Its events with their numbers.
    pub events: Vec<Event>,
    /// Whether the run was asked to stop.
    pub cancel: bool,
}

/// The journals of runs: append only, one owner per run. Stores write the batches of many runs in one commit.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait RunJournal: Send + Sync {
    /// Makes a batch durable. Batches of one run are appended one after the other by their owner. A run that begins to wait
    /// keeps a signal that came while it was at work: it is due then.
    ///
    /// # Errors
    /// `unavailable` when the store could not write; `internal` when the run is not where the batch goes on, or another
    /// process took it over. Then nothing of the batch is true.
    async fn append(&self, scope: &WorkspaceScope, batch: RunBatch) -> Result<Appended>;
}
