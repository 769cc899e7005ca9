//! One node of a workflow, kept as it came.

use pmos_core::flow::{Position, StepKind};
use serde_json::{Map, Number, Value};

/// A node. What we know of it is read on demand; everything else stays where it is, and what has an unexpected form is
/// taken as not being there.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Node(Map<String, Value>);

impl Node {
    /// The JSON object it came as.
    pub(super) fn new(object: Map<String, Value>) -> Self {
        Self(object)
    }

    pub(super) fn object(&self) -> &Map<String, Value> {
        &self.0
    }

    pub(super) fn into_object(self) -> Map<String, Value> {
        self.0
    }

    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// Sets a key where it stands, or removes it.
    pub(super) fn put(&mut self, key: &str, value: Option<Value>) {
        match value {
            Some(value) => {
                self.0.insert(key.to_owned(), value);
            }
            None => {
                self.0.shift_remove(key);
            }
        }
    }

    fn text(&self, key: &str) -> &str {
        self.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    fn is_true(&self, key: &str) -> bool {
        self.get(key) == Some(&Value::Bool(true))
    }

    /// Its own id, empty when it has none.
    pub(super) fn id(&self) -> &str {
        self.text("id")
    }

    pub(super) fn name(&self) -> &str {
        self.text("name")
    }

    /// As `n8n-nodes-base.slack`.
    pub(super) fn node_type(&self) -> &str {
        self.text("type")
    }

    /// Whether it is a remark and takes no part in runs.
    pub(super) fn is_note(&self) -> bool {
        self.node_type() == NOTE_TYPE
    }

    pub(super) fn parameters(&self) -> Option<&Map<String, Value>> {
        self.get("parameters").and_then(Value::as_object)
    }

    /// Takes the parameters out.
    pub(super) fn take_parameters(&mut self) -> Option<Map<String, Value>> {
        match self.0.get_mut("parameters") {
            Some(Value::Object(parameters)) => Some(std::mem::take(parameters)),
            _ => None,
        }
    }

    pub(super) fn parameters_mut(&mut self) -> Option<&mut Map<String, Value>> {
        let parameters = self.0.entry("parameters").or_insert_with(|| Value::Object(Map::new()));
        if !parameters.is_object() {
            *parameters = Value::Object(Map::new());
        }
        parameters.as_object_mut()
    }

    /// The paths that stand in its parameters.
    pub(super) fn paths_mut(&mut self) -> impl Iterator<Item = &mut Value> {
        let parameters = self.parameters_mut().into_iter().flatten();
        parameters.filter_map(|(name, value)| match (&**name, value) {
            ("path", path) => Some(path),
            ("options", Value::Object(options)) => options.get_mut("path"),
            _ => None,
        })
    }

    pub(super) fn is_disabled(&self) -> bool {
        self.is_true("disabled")
    }

    /// Whether a run goes on when it fails, by its usual way out or by one for failures.
    pub(super) fn continues_on_error(&self) -> bool {
        match self.get("onError").and_then(Value::as_str) {
            Some(on_error) => matches!(on_error, "continueRegularOutput" | "continueErrorOutput"),
            // As it was said before `onError`.
            None => self.is_true("continueOnFail"),
        }
    }

    /// How often it is tried in all and how long it waits between tries, in milliseconds, if it is tried again.
    pub(super) fn tries(&self) -> Option<(u32, u32)> {
        let number = |key: &str, default| self.get(key).and_then(whole).unwrap_or(default);
        self.is_true("retryOnFail").then(|| (number("maxTries", 3), number("waitBetweenTries", 1_000)))
    }

    pub(super) fn position(&self) -> Option<Position> {
        let [x, y, ..] = self.get("position")?.as_array()?.as_slice() else { return None };
        Some(Position { x: x.as_f64()?, y: y.as_f64()? })
    }

    pub(super) fn credentials(&self) -> Option<&Map<String, Value>> {
        self.get("credentials").and_then(Value::as_object)
    }
}

/// The type of remarks.
pub(super) const NOTE_TYPE: &str = "n8n-nodes-base.stickyNote";

/// Whether nodes of a type start runs.
///
/// The catalogue would know, and is not at hand where documents are read; the names say the same. Those of triggers end
/// with `Trigger`, but for a few older ones.
pub(super) fn kind_of(node_type: &str) -> StepKind {
    let name = short_type(node_type);
    let is_trigger = name.ends_with("Trigger")
        || name.ends_with("trigger")
        || matches!(name, "webhook" | "cron" | "interval" | "start" | "emailReadImap");
    if is_trigger { StepKind::Trigger } else { StepKind::Action }
}

/// Whether nodes of a type are called at an address that people give on, so that they need a `webhookId` of their own. Of
/// other triggers only the server knows whether services call them; it makes the address, and tells it to the service.
pub(super) fn takes_calls(node_type: &str) -> bool {
    matches!(short_type(node_type), "webhook" | "wait" | "form" | "formTrigger" | "chatTrigger" | "mcpTrigger")
}

/// A type without its package: `slack` of `n8n-nodes-base.slack`.
pub(super) fn short_type(node_type: &str) -> &str {
    node_type.rsplit_once('.').map_or(node_type, |(_, name)| name)
}

/// A place in the form the editor writes it: whole pixels as whole numbers.
pub(super) fn place(position: Position) -> Value {
    Value::Array([position.x, position.y].into_iter().map(number).collect())
}

#[expect(clippy::cast_possible_truncation, reason = "a place is at most a billion pixels away")]
fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        Value::from(value as i64)
    } else {
        Number::from_f64(value).map_or(Value::from(0), Value::Number)
    }
}

/// A number of tries or milliseconds, however it is written; none when it makes no sense.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
fn whole(value: &Value) -> Option<u32> {
    let value = value.as_f64()?;
    (0.0..=86_400_000.0).contains(&value).then(|| value.ceil() as u32)
}
