//! What expressions refer to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::StepId;

/// Something that expressions of a step may refer to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Datum {
    /// The text that stands for it in an expression, as `steps.set`.
    pub path: String,
    /// The step that it comes from.
    pub step: StepId,
    /// What of that step it is.
    pub kind: DatumKind,
}

/// What of a step an expression refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DatumKind {
    /// What it gave.
    Output,
    /// What a loop is at.
    Item,
    /// The number of that, from 0.
    Index,
}
