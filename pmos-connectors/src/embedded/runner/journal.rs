//! What a run has done and not yet put on disk.

use std::time::Duration;

use parking_lot::Mutex;
use pmos_core::{
    Error, Result,
    run::{Answer, Child, RunContext, RunState, RunStatus, StepRecord},
};
use serde_json::value::RawValue;
use tokio::sync::Notify;

/// How many records may wait for the disk.
const MOST_WAITING: usize = 256;
/// How long a record may wait for the disk.
const LONGEST_WAIT: Duration = Duration::from_millis(250);

/// Gathers records and puts them on disk in order: before anything leaves PMOS, and often enough that little is
/// computed again after an interruption.
#[derive(Debug)]
pub(super) struct Journal<'a> {
    context: &'a dyn RunContext,
    waiting: Mutex<Waiting>,
    /// Held while writing, so that batches reach the context in the order they were gathered.
    writing: tokio::sync::Mutex<()>,
    begun: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    records: Vec<StepRecord>,
    children: Vec<Child>,
    answer: Option<Answer>,
    answered: bool,
    result: Option<Box<RawValue>>,
}

impl<'a> Journal<'a> {
    pub(super) fn new(context: &'a dyn RunContext) -> Self {
        Self { context, waiting: Mutex::default(), writing: tokio::sync::Mutex::default(), begun: Notify::new() }
    }

    /// Adds a record; goes to the disk only when many wait already.
    pub(super) async fn add(&self, record: StepRecord) -> Result<()> {
        let waiting = {
            let mut waiting = self.waiting.lock();
            waiting.records.push(record);
            waiting.records.len()
        };
        match waiting {
            1 => self.begun.notify_one(),
            MOST_WAITING.. => self.barrier().await?,
            _ => {}
        }
        Ok(())
    }

    /// Adds the record of a call of another automation, and starts its run with it.
    pub(super) async fn start(&self, record: StepRecord, child: Child) -> Result<()> {
        {
            let mut waiting = self.waiting.lock();
            waiting.records.push(record);
            waiting.children.push(child);
        }
        self.barrier().await
    }

    /// Answers the caller as soon as everything up to here is on disk. Only the first answer counts.
    pub(super) fn answer(&self, answer: Answer, result: Option<Box<RawValue>>) {
        let mut waiting = self.waiting.lock();
        if !waiting.answered {
            waiting.answered = true;
            waiting.answer = Some(answer);
            waiting.result = result;
        }
    }

    /// Whether the caller has its answer, or will have it with the next write.
    pub(super) fn is_answered(&self) -> bool {
        self.waiting.lock().answered
    }

    /// Everything up to here is on disk when it returns. Nothing may leave PMOS without it.
    pub(super) async fn barrier(&self) -> Result<()> {
        self.write(RunState::of(RunStatus::Running)).await
    }

    /// The last write: what still waits, together with how the run ended, or until when it waits.
    pub(super) async fn finish(&self, mut state: RunState) -> Result<()> {
        state.result = self.waiting.lock().result.take().filter(|_| state.status.is_final());
        self.write(state).await
    }

    async fn write(&self, state: RunState) -> Result<()> {
        let _turn = self.writing.lock().await;
        let (records, children, answer) = {
            let mut waiting = self.waiting.lock();
            let Waiting { records, children, answer, .. } = &mut *waiting;
            (std::mem::take(records), std::mem::take(children), answer.take())
        };
        if !records.is_empty() || state.status != RunStatus::Running {
            self.context.commit(records, state, children).await?;
        }
        if let Some(answer) = answer {
            self.context.answer(answer).await;
        }
        Ok(())
    }

    /// Writes what has waited long enough, for as long as the run goes on; returns only when the store fails.
    pub(super) async fn keep_fresh(&self) -> Error {
        loop {
            self.begun.notified().await;
            tokio::time::sleep(LONGEST_WAIT).await;
            if let Err(error) = self.barrier().await {
                return error;
            }
        }
    }
}
