//! What an earlier process wrote of the same run.

use std::collections::HashMap;

use pmos_core::{
    Timestamp,
    flow::StepId,
    run::{StepRecord, StepStatus},
};

/// The last record of every place in the run.
#[derive(Debug)]
pub(super) struct Replay {
    last: HashMap<(Vec<(StepId, u32)>, StepId), StepRecord>,
    began: Option<Timestamp>,
}

impl Replay {
    pub(super) fn new(recorded: Vec<StepRecord>) -> Self {
        let began = recorded.first().map(|record| record.started_at);
        let place = |record: StepRecord| ((record.within.clone(), record.step.clone()), record);
        Self { last: recorded.into_iter().map(place).collect(), began }
    }

    /// When the run began, if it began earlier.
    pub(super) fn began(&self) -> Option<Timestamp> {
        self.began
    }

    /// What was last recorded of this step in this place.
    pub(super) fn of(&self, within: &[(StepId, u32)], step: &StepId) -> Option<&StepRecord> {
        // Most runs are new; they need not build a key.
        if self.last.is_empty() { None } else { self.last.get(&(within.to_vec(), step.clone())) }
    }

    /// Whether this step is recorded as ended in this place.
    pub(super) fn has_ended(&self, within: &[(StepId, u32)], step: &StepId) -> bool {
        self.of(within, step).is_some_and(|record| {
            !matches!(record.status, StepStatus::Queued | StepStatus::Running | StepStatus::Waiting)
        })
    }
}
