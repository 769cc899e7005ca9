//! The forms of a step in edits: a new one, and the part that an update changes.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{NewStep, error::Fault};
use crate::{
    ConnectionId,
    flow::{OnError, Retry, Step, StepId},
};

impl NewStep {
    pub(super) fn placed(&self, id: StepId) -> Result<Step, Fault> {
        let Some(name) = self.name.clone() else {
            return Err(Fault::new("step.name", "is missing; expand the edit first, that chooses one"));
        };
        Ok(Step {
            id,
            kind: self.kind,
            name,
            piece: self.piece.clone(),
            operation: self.operation.clone(),
            settings: self.settings.clone(),
            connection: self.connection,
            skip: self.skip,
            on_error: self.on_error,
            retry: self.retry,
            timeout_s: self.timeout_s,
            position: self.position,
        })
    }
}

impl From<Step> for NewStep {
    fn from(step: Step) -> Self {
        Self {
            id: Some(step.id),
            name: Some(step.name),
            kind: step.kind,
            piece: step.piece,
            operation: step.operation,
            settings: step.settings,
            connection: step.connection,
            skip: step.skip,
            on_error: step.on_error,
            retry: step.retry,
            timeout_s: step.timeout_s,
            position: step.position,
        }
    }
}

pub(super) const UPDATABLE: [&str; 7] = ["name", "settings", "connection", "skip", "on_error", "retry", "timeout_s"];

/// What `update_step` may change beside the settings.
#[derive(Serialize, Deserialize)]
pub(super) struct Head {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    connection: Option<ConnectionId>,
    #[serde(default)]
    skip: bool,
    #[serde(default)]
    on_error: OnError,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retry: Option<Retry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    timeout_s: Option<u32>,
}

impl Head {
    pub(super) fn of(step: &Step) -> Result<Map<String, Value>, Fault> {
        let head = Self {
            name: step.name.clone(),
            connection: step.connection,
            skip: step.skip,
            on_error: step.on_error,
            retry: step.retry,
            timeout_s: step.timeout_s,
        };
        match serde_json::to_value(head) {
            Ok(Value::Object(map)) => Ok(map),
            _ => Err(Fault::new("set", "the step cannot be written as JSON")),
        }
    }

    pub(super) fn put_into(self, step: &mut Step) {
        step.name = self.name;
        step.connection = self.connection;
        step.skip = self.skip;
        step.on_error = self.on_error;
        step.retry = self.retry;
        step.timeout_s = self.timeout_s;
    }
}
