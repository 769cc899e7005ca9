//! Where in a run a step stands.

use std::sync::Arc;

use pmos_core::{Timestamp, flow::StepId};
use serde_json::Value;

use crate::embedded::expression::Scope;

/// The surroundings of a step: what it sees, the passes around it and until when it may take.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) scope: Arc<Scope>,
    pub(super) within: Vec<(StepId, u32)>,
    /// The earliest of all time limits around.
    pub(super) until: Timestamp,
    /// The earliest of those that waits count for.
    pub(super) deadline: Option<Timestamp>,
}

impl Frame {
    pub(super) fn of_run(scope: Arc<Scope>, until: Timestamp) -> Self {
        Self { scope, within: Vec::new(), until, deadline: None }
    }

    pub(super) fn of_pass(outer: &Self, step: &StepId, index: u32, item: &Value) -> Self {
        let mut within = outer.within.clone();
        within.push((step.clone(), index));
        Self { scope: Scope::of_pass(&outer.scope, item, index), within, ..outer.clone() }
    }

    /// The same surroundings with less time.
    pub(super) fn until(outer: &Self, until: Timestamp) -> Self {
        let deadline = Some(outer.deadline.map_or(until, |deadline| deadline.min(until)));
        Self { until: outer.until.min(until), deadline, ..outer.clone() }
    }
}
