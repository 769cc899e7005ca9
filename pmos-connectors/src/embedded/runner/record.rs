//! Writes records.

use pmos_core::{
    Timestamp,
    run::{StepRecord, StepStatus, shown},
};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::frame::Frame;
use crate::embedded::program::Node;

/// A record of a step that began at `began` and is now, at `now`, in this state.
pub(super) fn of_step(node: &Node, frame: &Frame, status: StepStatus, began: Timestamp, now: Timestamp) -> StepRecord {
    StepRecord {
        within: frame.within.clone(),
        step: node.id.clone(),
        name: node.name.clone(),
        status,
        attempt: 1,
        started_at: began,
        duration_us: u64::try_from(now.since(began).as_micros()).unwrap_or(u64::MAX),
        input: None,
        output: None,
        error: None,
    }
}

/// The JSON text of a value, whole: of what came from outside, because a resumed run reads it back.
pub(super) fn whole(value: &impl Serialize) -> Option<Box<RawValue>> {
    to_raw_value(value).ok()
}

/// The JSON text of a value as far as people are shown it: of what a resumed run computes again.
pub(super) fn capped(value: &impl Serialize) -> Option<Box<RawValue>> {
    to_raw_value(value).ok().map(shown)
}
