//! What a list of edits touches, so that two people can work on one flow at once.
//!
//! Two changes are *disjoint* when neither writes what the other writes or relies on. Then either order gives the same
//! flow, and the later one may be applied over the earlier one without asking anybody.

use std::{collections::BTreeSet, fmt};

use serde_json::{Map, Value};

use super::{EditError, FlowEdit, draft::Draft};
use crate::flow::{Capabilities, Edge, Graph, Port, Step, StepId};

/// A part of a flow.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldPath {
    /// The flow itself: its name and notes.
    Flow,
    /// A step: its content, and `place`, the steps it stands inside of.
    Step(StepId),
    /// The edges that leave a step, by port.
    Edges(StepId),
}

/// A part of a flow and the path to a field in it; an empty path is the whole part.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Touch {
    /// The part.
    pub place: FieldPath,
    /// The keys that lead to the field. A list is touched as a whole.
    pub path: Vec<String>,
}

impl Touch {
    fn contains(&self, other: &Self) -> bool {
        self.place == other.place && other.path.starts_with(&self.path)
    }
}

impl fmt::Display for Touch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            FieldPath::Flow => f.write_str("flow")?,
            FieldPath::Step(id) => write!(f, "steps.{id}")?,
            FieldPath::Edges(id) => write!(f, "edges.{id}")?,
        }
        self.path.iter().try_for_each(|key| write!(f, ".{key}"))
    }
}

/// What a change writes, and what it relies on without writing it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    writes: BTreeSet<Touch>,
    relies_on: BTreeSet<Touch>,
}

impl Touched {
    /// What applying these expanded edits to `graph` touches. New steps are not part of it: no other edit knows them yet.
    ///
    /// # Errors
    /// When an edit does not fit the graph.
    pub fn by(graph: &Graph, edits: &[FlowEdit], engine: &Capabilities) -> Result<Self, EditError> {
        let mut draft = Draft::new(graph, engine);
        draft.apply_all(edits)?;
        Ok(draft.touched())
    }

    /// What was touched to make `to` of `from` in ways we did not see.
    pub fn between(from: &Graph, to: &Graph, engine: &Capabilities) -> Self {
        let (old, new) = (Draft::new(from, engine), Draft::new(to, engine));
        let mut touched = Self::default();
        for step in old.steps() {
            match new.step(&step.id) {
                None => touched.write_all_of(&step.id),
                Some(after) => {
                    touched.write_changes(step, after);
                    if old.owners(&step.id) != new.owners(&step.id) {
                        touched.write(FieldPath::Step(step.id.clone()), ["place"]);
                        for owner in new.owners(&step.id) {
                            touched.rely_on(FieldPath::Step(owner), ["place"]);
                        }
                    }
                }
            }
        }
        let (before, after): (BTreeSet<_>, BTreeSet<_>) = (old.edges().collect(), new.edges().collect());
        for edge in before.symmetric_difference(&after).filter(|edge| old.step(&edge.from).is_some()) {
            touched.write_edge(edge, engine.free_layout);
        }
        for edge in after.difference(&before) {
            touched.rely_on_ends(edge);
        }
        for id in old.notes().chain(new.notes()).map(|note| &note.id) {
            if old.note(id) != new.note(id) {
                touched.write(FieldPath::Flow, ["notes", id]);
            }
        }
        touched.without(|id| old.step(id).is_none())
    }

    /// Whether the two changes do not concern each other.
    pub fn is_disjoint(&self, other: &Self) -> bool {
        !overlap(&self.writes, &other.writes)
            && !overlap(&self.writes, &other.relies_on)
            && !overlap(&self.relies_on, &other.writes)
    }

    /// What is written.
    pub fn writes(&self) -> impl Iterator<Item = &Touch> {
        self.writes.iter()
    }

    /// What must stay as it is for the change to mean the same.
    pub fn relies_on(&self) -> impl Iterator<Item = &Touch> {
        self.relies_on.iter()
    }

    pub(super) fn write<'a>(&mut self, place: FieldPath, path: impl IntoIterator<Item = &'a str>) {
        self.writes.insert(Touch { place, path: path.into_iter().map(str::to_owned).collect() });
    }

    pub(super) fn rely_on<'a>(&mut self, place: FieldPath, path: impl IntoIterator<Item = &'a str>) {
        self.relies_on.insert(Touch { place, path: path.into_iter().map(str::to_owned).collect() });
    }

    /// The step, and everything that leaves it.
    pub(super) fn write_all_of(&mut self, id: &StepId) {
        self.write(FieldPath::Step(id.clone()), []);
        self.write(FieldPath::Edges(id.clone()), []);
    }

    /// Where each port leads to one step, an edge is its port; where it may lead to many, an edge is itself.
    pub(super) fn write_edge(&mut self, edge: &Edge, free_layout: bool) {
        let mut path = port_path(&edge.port);
        if free_layout {
            path.extend([edge.to.to_string(), edge.input.clone().unwrap_or_default()]);
        }
        self.writes.insert(Touch { place: FieldPath::Edges(edge.from.clone()), path });
    }

    /// An edge means nothing without its two steps, and a port inside a step nothing when that becomes another step.
    pub(super) fn rely_on_ends(&mut self, edge: &Edge) {
        self.rely_on(FieldPath::Step(edge.from.clone()), [if edge.port.is_next() { "id" } else { "operation" }]);
        self.rely_on(FieldPath::Step(edge.to.clone()), ["id"]);
    }

    /// A list may be what numbers the ports, so a change of one changes what `branch:1` means.
    pub(super) fn write_numbered_ports(&mut self, id: &StepId) {
        self.write(FieldPath::Edges(id.clone()), [NUMBERED]);
    }

    /// The step became another one in the same place.
    pub(super) fn write_replaced(&mut self, id: &StepId) {
        self.write(FieldPath::Step(id.clone()), []);
        self.write_numbered_ports(id);
    }

    /// The keys that this merge patch changes in the settings of a step.
    pub(super) fn write_patch(&mut self, id: &StepId, settings: &Map<String, Value>, patch: &Map<String, Value>) {
        let mut waiting = vec![(vec!["settings".to_owned()], settings, patch)];
        while let Some((path, old, patch)) = waiting.pop() {
            for (key, new) in patch {
                let path: Vec<String> = path.iter().chain([key]).cloned().collect();
                match (old.get(key), new) {
                    (Some(Value::Object(old)), Value::Object(new)) => waiting.push((path, old, new)),
                    (old, new) => self.write_setting(id, path, old, Some(new)),
                }
            }
        }
    }

    fn write_setting(&mut self, id: &StepId, path: Vec<String>, old: Option<&Value>, new: Option<&Value>) {
        if [old, new].into_iter().flatten().any(has_list) {
            self.write_numbered_ports(id);
        }
        self.writes.insert(Touch { place: FieldPath::Step(id.clone()), path });
    }

    fn write_changes(&mut self, old: &Step, new: &Step) {
        let id = &old.id;
        if (old.kind, &old.piece, &old.operation) != (new.kind, &new.piece, &new.operation) {
            return self.write_replaced(id);
        }
        let fields = [
            ("name", old.name != new.name),
            ("connection", old.connection != new.connection),
            ("skip", old.skip != new.skip),
            ("on_error", old.on_error != new.on_error),
            ("retry", old.retry != new.retry),
            ("timeout_s", old.timeout_s != new.timeout_s),
            ("position", old.position != new.position),
        ];
        for (field, _) in fields.into_iter().filter(|(_, changed)| *changed) {
            self.write(FieldPath::Step(id.clone()), [field]);
        }
        let mut waiting = vec![(vec!["settings".to_owned()], &old.settings, &new.settings)];
        while let Some((path, old, new)) = waiting.pop() {
            let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            for key in keys.into_iter().filter(|key| old.get(*key) != new.get(*key)) {
                let path: Vec<String> = path.iter().chain([key]).cloned().collect();
                match (old.get(key), new.get(key)) {
                    (Some(Value::Object(old)), Some(Value::Object(new))) => waiting.push((path, old, new)),
                    (old, new) => self.write_setting(id, path, old, new),
                }
            }
        }
    }

    /// Leaves out what concerns steps that are new.
    pub(super) fn without(mut self, is_new: impl Fn(&StepId) -> bool) -> Self {
        let known = |touch: &Touch| match &touch.place {
            FieldPath::Flow => true,
            FieldPath::Step(id) | FieldPath::Edges(id) => !is_new(id),
        };
        self.writes.retain(known);
        self.relies_on.retain(known);
        self
    }
}

const NUMBERED: &str = "numbered";

fn port_path(port: &Port) -> Vec<String> {
    match port.numbered() {
        Some((family, index)) => vec![NUMBERED.to_owned(), family.to_owned(), index.to_string()],
        None => vec![port.to_string()],
    }
}

fn has_list(value: &Value) -> bool {
    match value {
        Value::Array(_) => true,
        Value::Object(map) => map.values().any(has_list),
        _ => false,
    }
}

fn overlap(some: &BTreeSet<Touch>, others: &BTreeSet<Touch>) -> bool {
    some.iter().any(|touch| {
        // Sorted by path, whatever lies inside of `touch` comes right behind it.
        let inside = others.range(touch..).next().is_some_and(|next| touch.contains(next));
        inside
            || (0..touch.path.len()).any(|length| {
                others.contains(&Touch { place: touch.place.clone(), path: touch.path[..length].to_vec() })
            })
    })
}
