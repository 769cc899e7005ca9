use async_trait::async_trait;

use super::RunRow;
use crate::{
    Result, RunId, WorkspaceScope,
    event::{Event, NewEvent},
    run::{RunState, StepRecord},
};

/// What one run has to write down at a barrier.
#[derive(Debug)]
pub struct RunBatch {
    /// The run.
    pub run: RunId,
    /// The run's row, when this is the first that is heard of it.
    pub begin: Option<RunRow>,
    /// How the run stands now.
    pub state: RunState,
    /// The place of the first record in the run's journal, from 0.
    pub first: u32,
    /// What happened, in order.
    pub records: Vec<StepRecord>,
    /// For the workspace log.
    pub events: Vec<NewEvent>,
}

/// The journals of runs: append only, one owner per run. Stores write the batches of many runs in one commit.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait RunJournal: Send + Sync {
    /// Makes a batch durable and returns its events with their numbers. Batches of one run are appended one after the
    /// other by their owner.
    ///
    /// # Errors
    /// `unavailable` when the store could not write; then nothing of the batch is true.
    async fn append(&self, scope: &WorkspaceScope, batch: RunBatch) -> Result<Vec<Event>>;
}
