//! Steps of runs that are at work at remote engines, as far as those tell them. They are held in memory, and only until the
//! run's own record is there.

use std::{collections::HashMap, sync::Arc};

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{LiveSteps, TenancyKey};
use crate::{
    RunId, WorkspaceId,
    run::{StepRecord, StepRun, steps_of},
};

/// Runs that may wait to be listened to.
const WAITING: usize = 64;
/// How much of the values of one run is held; the rest is shown when it has ended.
const HELD_BYTES: usize = 2 * 1024 * 1024;
/// How many records of one run are held.
const HELD: usize = 2_000;

/// A run whose steps an engine tells.
pub(crate) struct StepsToShow {
    pub(crate) tenancy: TenancyKey,
    pub(crate) run: RunId,
    pub(crate) steps: LiveSteps,
}

type Key = (WorkspaceId, RunId);
type Known = Arc<Mutex<HashMap<Key, Held>>>;

/// Steps of runs that are at work at remote engines.
#[derive(Default)]
pub(crate) struct Live {
    runs: Known,
    waiting: Mutex<Vec<StepsToShow>>,
    begun: Notify,
}

/// What was told of one run.
#[derive(Default)]
struct Held {
    records: Vec<StepRecord>,
    bytes: usize,
    forgotten: CancellationToken,
}

impl Live {
    /// Has the background work listen to a run. Where it does not, the steps are shown when the run has ended.
    pub(crate) fn listen(&self, steps_to_show: StepsToShow) {
        let mut waiting = self.waiting.lock();
        if waiting.len() >= WAITING {
            tracing::debug!("the steps of a run are not listened to; they are read when it has ended");
            return;
        }
        waiting.push(steps_to_show);
        self.begun.notify_one();
    }

    /// Returns when there are runs to listen to.
    pub(crate) async fn begun(&self) {
        self.begun.notified().await;
    }

    /// The runs to listen to that are not taken yet.
    pub(crate) fn take_begun(&self) -> Vec<StepsToShow> {
        std::mem::take(&mut self.waiting.lock())
    }

    /// What is told of a run is shown for as long as what is returned is kept.
    pub(crate) fn hear(&self, workspace: WorkspaceId, run: RunId) -> ReceivedSteps {
        let key = (workspace, run);
        let forgotten = self.runs.lock().entry(key).or_default().forgotten.clone();
        ReceivedSteps { key, runs: self.runs.clone(), forgotten }
    }

    /// What was told of a run so far.
    pub(crate) fn steps(&self, workspace: WorkspaceId, run: RunId) -> Vec<StepRun> {
        let records = self.runs.lock().get(&(workspace, run)).map(|held| held.records.clone());
        steps_of(records.unwrap_or_default())
    }

    /// The run's own record is there.
    pub(crate) fn forget(&self, workspace: WorkspaceId, run: RunId) {
        if let Some(held) = self.runs.lock().remove(&(workspace, run)) {
            held.forgotten.cancel();
        }
    }
}

impl Held {
    /// Takes a record in the place of what was told of the same step before.
    fn take(&mut self, mut record: StepRecord) {
        let same = |known: &StepRecord| {
            (&known.within, &known.step, known.attempt) == (&record.within, &record.step, record.attempt)
        };
        let known = self.records.iter().position(same);
        let before = known.map_or(0, |at| bytes_of(&self.records[at]));
        let mut bytes = self.bytes - before + bytes_of(&record);
        if bytes > HELD_BYTES {
            (record.input, record.output) = (None, None);
            bytes = self.bytes - before;
        }
        match known {
            Some(at) => self.records[at] = record,
            None if self.records.len() < HELD => self.records.push(record),
            None => return,
        }
        self.bytes = bytes;
    }
}

fn bytes_of(record: &StepRecord) -> usize {
    [&record.input, &record.output].into_iter().flatten().map(|value| value.get().len()).sum()
}

/// That a run is listened to; what was heard is forgotten when it is dropped.
pub(crate) struct ReceivedSteps {
    key: Key,
    runs: Known,
    forgotten: CancellationToken,
}

impl ReceivedSteps {
    /// Takes what was told.
    pub(crate) fn take(&self, record: StepRecord) {
        if let Some(held) = self.runs.lock().get_mut(&self.key) {
            held.take(record);
        }
    }

    /// Returns when the run's own record is there.
    pub(crate) async fn forgotten(&self) {
        self.forgotten.cancelled().await;
    }
}

impl Drop for ReceivedSteps {
    fn drop(&mut self) {
        self.runs.lock().remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{json, value::to_raw_value};

    use super::*;
    use crate::{Id, Timestamp, run::StepStatus};

    fn record(step: &str, status: StepStatus, bytes: usize) -> StepRecord {
        StepRecord {
            within: Vec::new(),
            step: step.parse().unwrap(),
            name: step.to_owned(),
            status,
            attempt: 1,
            started_at: Timestamp::from_micros(1),
            duration_us: 0,
            input: None,
            output: Some(to_raw_value(&json!("x".repeat(bytes))).unwrap()),
            error: None,
        }
    }

    fn ids() -> (WorkspaceId, WorkspaceId, RunId) {
        let id = uuid::Uuid::from_u128;
        (WorkspaceId::from_uuid(id(1)), WorkspaceId::from_uuid(id(2)), RunId::from_uuid(id(3)))
    }

    #[test]
    fn what_is_told_of_a_run_is_seen_in_its_workspace_until_its_own_record_is_there() {
        let live = Live::default();
        let (ours, theirs, run) = ids();
        let heard = live.hear(ours, run);
        heard.take(record("one", StepStatus::Running, 1));
        heard.take(record("one", StepStatus::Succeeded, 1));
        heard.take(record("two", StepStatus::Running, 1));
        let seen: Vec<_> = live.steps(ours, run).into_iter().map(|step| (step.name, step.status)).collect();
        assert_eq!(seen, [("one".to_owned(), StepStatus::Succeeded), ("two".to_owned(), StepStatus::Running)]);
        assert!(live.steps(theirs, run).is_empty());

        live.forget(ours, run);
        assert!(heard.forgotten.is_cancelled());
        heard.take(record("three", StepStatus::Running, 1));
        assert!(live.steps(ours, run).is_empty());
    }

    #[test]
    fn a_run_that_tells_too_much_is_shown_without_its_values_and_forgotten_without_a_listener() {
        let live = Live::default();
        let (ours, _, run) = ids();
        let heard = live.hear(ours, run);
        let large = HELD_BYTES / 3;
        for step in 0..HELD + 9 {
            let bytes = if step < 9 { large } else { 0 };
            heard.take(record(&format!("s{step}"), StepStatus::Succeeded, bytes));
        }
        let shown = |step: &StepRun| step.output.as_ref().is_some_and(|output| output.get().contains("truncated"));
        let steps = live.steps(ours, run);
        assert_eq!(steps.len(), HELD);
        assert_eq!(steps.iter().filter(|step| shown(step)).count(), 2);
        // A step that is told again frees what it held.
        heard.take(record("s0", StepStatus::Succeeded, 0));
        heard.take(record("s9", StepStatus::Succeeded, large));
        assert!(shown(&live.steps(ours, run)[9]));
        drop(heard);
        assert!(live.steps(ours, run).is_empty());
    }
}
