//! The kinds of edits.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    ConnectionId,
    flow::{Note, OnError, Port, Position, Retry, StepId, StepKind},
};

/// One change of a flow, as made by the mouse, the chat, an undo or an import.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum FlowEdit {
    /// Gives the flow another name.
    Rename {
        /// The new name.
        name: String,
    },
    /// Inserts a step on the edge that leaves `after` by `port`.
    AddStep {
        /// The step; without an id it gets a free one.
        step: NewStep,
        /// The step it follows; optional only where steps may stand alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<StepId>,
        /// The way out of `after`, `next` when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        port: Option<Port>,
    },
    /// Puts another step in the place of one, keeping its id and edges.
    ReplaceStep {
        /// The step to replace.
        id: StepId,
        /// What takes its place.
        step: NewStep,
    },
    /// Changes parts of a step by a JSON merge patch; `null` removes.
    UpdateStep {
        /// The step.
        id: StepId,
        /// New values of `name`, `settings`, `connection`, `skip`, `on_error`, `retry`, `timeout_s`.
        set: Map<String, Value>,
    },
    /// Takes a step out.
    RemoveStep {
        /// The step.
        id: StepId,
        /// Connect what came before with what followed; otherwise what followed goes too.
        #[serde(default = "yes")]
        keep_following: bool,
    },
    /// Moves a step with everything inside it to another place.
    MoveStep {
        /// The step.
        id: StepId,
        /// The step it will follow.
        after: StepId,
        /// The way out of `after`.
        port: Port,
    },
    /// Inserts a copy of a step, with everything inside it, behind the original.
    DuplicateStep {
        /// The step to copy.
        id: StepId,
    },
    /// Draws an edge.
    Connect {
        /// The step that comes first.
        from: StepId,
        /// The way out of it.
        port: Port,
        /// The step that follows.
        to: StepId,
        /// The way in, where a step has several.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        input: Option<String>,
    },
    /// Removes an edge.
    Disconnect {
        /// The step that comes first.
        from: StepId,
        /// The way out of it.
        port: Port,
        /// The step that follows.
        to: StepId,
        /// The way in, where a step has several.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        input: Option<String>,
    },
    /// Puts a step somewhere else on the canvas.
    SetPosition {
        /// The step.
        id: StepId,
        /// Pixels to the right.
        x: f64,
        /// Pixels downwards.
        y: f64,
    },
    /// Adds a remark.
    AddNote {
        /// The remark.
        note: Note,
    },
    /// Changes a remark.
    UpdateNote {
        /// The remark as it shall be.
        note: Note,
    },
    /// Removes a remark.
    RemoveNote {
        /// The remark.
        id: String,
    },
}

fn yes() -> bool {
    true
}

/// A step that may not have an id yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewStep {
    /// A request; when it is taken or left out the server chooses one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<StepId>,
    /// What people read; the operation's title when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether it starts runs or takes part in them.
    #[serde(default = "action")]
    pub kind: StepKind,
    /// The piece that offers the operation.
    pub piece: String,
    /// What it does.
    pub operation: String,
    /// What a person configured.
    #[serde(default)]
    pub settings: Map<String, Value>,
    /// The stored credential it uses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<ConnectionId>,
    /// Leave it out of runs.
    #[serde(default)]
    pub skip: bool,
    /// What a failure means for the run.
    #[serde(default)]
    pub on_error: OnError,
    /// Whether to try again after a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
    /// The longest it may take, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_s: Option<u32>,
    /// Where it stands, in engines with a free layout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
}

fn action() -> StepKind {
    StepKind::Action
}
