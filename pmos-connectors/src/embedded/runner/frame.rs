//! Where in a run a step stands.

use std::sync::Arc;

use pmos_core::{Timestamp, flow::StepId};
use serde_json::Value;

use crate::embedded::expression::Scope;

/// The surroundings of a step: what it sees, the passes around it and until when it may take.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) scope: Arc<Scope>,
    pub(super) within: Vec<(StepId, u32)>,
    /// The earliest of all time limits around.
    pub(super) until: Timestamp,
}

impl Frame {
    pub(super) fn of_run(scope: Arc<Scope>, until: Timestamp) -> Self {
        Self { scope, within: Vec::new(), until }
    }

    pub(super) fn of_pass(outer: &Self, step: &StepId, index: u32, item: &Value) -> Self {
        let mut within = outer.within.clone();
        within.push((step.clone(), index));
        Self { scope: Scope::of_pass(&outer.scope, item, index), within, until: outer.until }
    }

    /// The same place with less time.
    pub(super) fn until(outer: &Self, until: Timestamp) -> Self {
        Self { scope: Arc::clone(&outer.scope), within: outer.within.clone(), until: outer.until.min(until) }
    }
}
