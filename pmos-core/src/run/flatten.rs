//! Steps as people read them, as the journal keeps them.

use super::{StepRecord, StepRun};
use crate::{Timestamp, flow::StepId};

/// The records that [`steps_of`](super::steps_of) makes these steps of again.
pub fn records_of(steps: &[StepRun]) -> Vec<StepRecord> {
    let mut records = Vec::new();
    flatten(steps, &[], &mut records);
    records
}

fn flatten(steps: &[StepRun], within: &[(StepId, u32)], records: &mut Vec<StepRecord>) {
    for step in steps {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a duration is small and positive")]
        let duration_us = (step.duration_ms.unwrap_or_default() * 1_000.0) as u64;
        records.push(StepRecord {
            within: within.to_vec(),
            step: step.id.clone(),
            name: step.name.clone(),
            status: step.status,
            attempt: step.attempt,
            started_at: step.started_at.unwrap_or(Timestamp::from_micros(0)),
            duration_us,
            input: step.input.clone(),
            output: step.output.clone(),
            error: step.error.clone(),
        });
        for iteration in step.iterations.iter().flatten() {
            let inner: Vec<_> = within.iter().cloned().chain([(step.id.clone(), iteration.index)]).collect();
            flatten(&iteration.steps, &inner, records);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::run::steps_of;

    #[test]
    fn a_journal_made_of_steps_shows_the_same_steps() {
        let step = |id: &str, iterations: Value| {
            json!({"id": id, "name": id, "status": "succeeded", "started_at": "2026-01-02T03:04:05Z", "duration_ms": 1.5,
                   "input": {"a": 1}, "output": [id], "attempt": 1, "error": null, "iterations": iterations})
        };
        let pass = |index: u32| json!({"index": index, "status": "succeeded", "steps": [step("inner", Value::Null)]});
        let steps = json!([step("first", Value::Null), step("loop", json!([pass(0), pass(1)]))]);
        let read: Vec<StepRun> = serde_json::from_value(steps).unwrap();
        let again = steps_of(records_of(&read));
        assert_eq!(serde_json::to_value(&again).unwrap(), serde_json::to_value(&read).unwrap());
    }
}
