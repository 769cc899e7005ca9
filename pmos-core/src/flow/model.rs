//! The neutral form of a flow: steps, edges and notes.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::ConnectionId;

/// What a flow looks like to people, to the assistant and to tests, whatever engine runs it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Graph {
    /// Triggers and actions. Their order has no meaning; [`Graph::in_reading_order`] gives all graphs the same.
    pub steps: Vec<Step>,
    /// What follows what.
    #[serde(default)]
    pub edges: Vec<Edge>,
    /// Remarks for readers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
}

/// A flow as people see it at one moment: what it is called and what it consists of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FlowView<'a> {
    /// What people call it.
    pub name: &'a str,
    /// Its steps, edges and notes.
    pub graph: &'a Graph,
}

/// One trigger or action of a flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Stable under rename, unique in the flow.
    pub id: StepId,
    /// Whether it starts runs or takes part in them.
    pub kind: StepKind,
    /// What people read.
    pub name: String,
    /// The piece that offers the operation, as `core`.
    pub piece: String,
    /// What it does, as `http`.
    pub operation: String,
    /// What a person configured, in the engine's own value syntax.
    #[serde(default)]
    pub settings: Map<String, Value>,
    /// The stored credential it uses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<ConnectionId>,
    /// Leave it out of runs.
    #[serde(default, skip_serializing_if = "is_false")]
    pub skip: bool,
    /// What a failure means for the run.
    #[serde(default, skip_serializing_if = "OnError::is_stop")]
    pub on_error: OnError,
    /// Whether to try again after a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
    /// The longest it may take, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 86_400))]
    pub timeout_s: Option<u32>,
    /// Where it stands, in engines with a free layout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form serde asks for")]
fn is_false(value: &bool) -> bool {
    !value
}

/// Whether a step starts runs or takes part in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// Starts runs.
    Trigger,
    /// Takes part in runs.
    Action,
}

/// What the failure of a step means for the run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnError {
    /// The run fails.
    #[default]
    Stop,
    /// The run goes on with the next step; the failure is recorded.
    Continue,
}

impl OnError {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the form serde asks for")]
    fn is_stop(&self) -> bool {
        *self == Self::Stop
    }
}

/// How often and how soon a failed step is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Retry {
    /// Further tries after the first.
    #[schemars(range(min = 1, max = 10))]
    pub times: u32,
    /// Seconds before the first further try; doubled for each later one.
    #[serde(default)]
    #[schemars(range(max = 3_600))]
    pub backoff_s: u32,
}

/// A place on the canvas, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// To the right.
    pub x: f64,
    /// Downwards.
    pub y: f64,
}

/// One step follows another.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Edge {
    /// The step that comes first.
    pub from: StepId,
    /// The way out of it: `next`, `branch:0`, `otherwise`, `loop` …
    pub port: Port,
    /// The step that follows.
    pub to: StepId,
    /// The way in, where a step has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
}

/// A remark on the canvas.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// Unique among the notes of the flow.
    pub id: String,
    /// Markdown.
    pub text: String,
    /// Where it stands, in engines with a free layout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
}

macro_rules! names {
    ($($(#[$doc:meta])* $Name:ident, $what:literal, $pattern:literal, $valid:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
        #[serde(transparent)]
        #[schemars(transparent)]
        pub struct $Name(#[schemars(regex(pattern = $pattern))] String);

        impl $Name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $Name {
            type Err = NameError;
            fn from_str(text: &str) -> Result<Self, NameError> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) { Ok(Self(text.to_owned())) } else { Err(NameError { what: $what, pattern: $pattern }) }
            }
        }

        impl<'de> Deserialize<'de> for $Name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl fmt::Display for $Name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $Name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }
    )*};
}

/// A text that cannot be the name of a step or port.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {what} matching {pattern}")]
pub struct NameError {
    what: &'static str,
    pattern: &'static str,
}

names! {
    /// The id of a step: plain letters, digits, `_` and `-`, at most 64.
    StepId, "a step id", "^[A-Za-z0-9_-]{1,64}$", |text| {
        (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
    };
    /// A way out of a step, as `next`, `branch:0` or `main:1`.
    Port, "a port", "^[A-Za-z0-9_:-]{1,64}$", |text| {
        (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b':'))
    };
}

impl Port {
    /// The way to what comes after.
    pub fn next() -> Self {
        Self("next".to_owned())
    }

    /// The way into the body of a loop.
    pub fn body() -> Self {
        Self("loop".to_owned())
    }

    /// The way taken when no branch applies.
    pub fn otherwise() -> Self {
        Self("otherwise".to_owned())
    }

    /// The way of the branch with this index.
    pub fn branch(index: usize) -> Self {
        Self(format!("branch:{index}"))
    }
}

impl Graph {
    /// The step with this id.
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        self.steps.iter().find(|step| &step.id == id)
    }

    /// The steps that start runs.
    pub fn triggers(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.kind == StepKind::Trigger)
    }

    /// What follows `id` by `port`, in a structured flow at most one step.
    pub fn following(&self, id: &StepId, port: &Port) -> Option<&Step> {
        let edge = self.edges.iter().find(|edge| &edge.from == id && &edge.port == port)?;
        self.step(&edge.to)
    }
}

/// Something that keeps a flow from doing what it should.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Issue {
    /// The step concerned, none for the flow as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepId>,
    /// The setting concerned, as `values.total`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Stable, as `required`.
    pub code: String,
    /// What is wrong and what would be right.
    pub message: String,
}
