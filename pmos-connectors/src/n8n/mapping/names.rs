//! Everything that goes by the name of a node: connections, samples (`pinData`), what a trigger remembers (`staticData`).

use std::collections::{HashMap, HashSet};

use pmos_core::flow::{Graph, Step};
use serde_json::{Map, Value};

use crate::n8n::document::Workflow;

/// What becomes of names.
#[derive(Debug, Default)]
pub(super) struct Outcomes<'a> {
    /// Of steps that are called something else now.
    pub(super) renamed: HashMap<&'a str, &'a str>,
    /// Of steps that are gone, or became another one.
    pub(super) gone: HashSet<&'a str>,
    /// Of no step before: what hung on one of these was left over from another time and is not the new step's.
    pub(super) fresh: HashSet<&'a str>,
    /// Of steps that became another one and keep their edges, by the name they have now.
    pub(super) replaced: HashSet<&'a str>,
}

enum Fate<'a> {
    Stays,
    Becomes(&'a str),
    Goes,
}

impl<'a> Outcomes<'a> {
    /// What becomes of the names of a workflow that shows the first graph and shall show the second.
    pub(super) fn between(owners: &HashMap<&'a str, &'a str>, before: &'a Graph, after: &'a Graph) -> Self {
        let steps = |graph: &'a Graph| -> HashMap<&'a str, &'a Step> {
            graph.steps.iter().map(|step| (step.id.as_str(), step)).collect()
        };
        let (old, new) = (steps(before), steps(after));
        let mut outcomes = Self::default();
        for (name, id) in owners {
            match new.get(id) {
                None => {
                    outcomes.gone.insert(name);
                }
                Some(step) => {
                    if step.name != *name {
                        outcomes.renamed.insert(name, &step.name);
                    }
                    if old.get(id).is_some_and(|old| old.piece != step.piece) {
                        outcomes.replaced.insert(&step.name);
                    }
                }
            }
        }
        outcomes.fresh =
            after.steps.iter().map(|step| step.name.as_str()).filter(|name| !owners.contains_key(name)).collect();
        outcomes
    }

    /// Whether what hangs on a name is dropped.
    pub(super) fn drops(&self, name: &str) -> bool {
        matches!(self.of(name), Fate::Goes)
    }

    fn is_empty(&self) -> bool {
        self.renamed.is_empty() && self.gone.is_empty() && self.fresh.is_empty() && self.replaced.is_empty()
    }

    fn of(&self, name: &str) -> Fate<'a> {
        if let Some(new) = self.renamed.get(name) {
            Fate::Becomes(new)
        } else if self.gone.contains(name) || self.fresh.contains(name) {
            Fate::Goes
        } else {
            Fate::Stays
        }
    }

    /// Carries the names out.
    pub(super) fn settle(&self, workflow: &mut Workflow) {
        if self.is_empty() {
            return;
        }
        workflow.connections = self.keys(std::mem::take(&mut workflow.connections), "");
        workflow.connections.values_mut().for_each(|kinds| self.targets(kinds));
        for (part, prefix) in PARTS {
            if let Some(Value::Object(map)) = workflow.rest.get_mut(part) {
                *map = self.keys(std::mem::take(map), prefix);
                for name in &self.replaced {
                    map.shift_remove(&format!("{prefix}{name}"));
                }
            }
        }
    }

    /// A map by names behind a prefix, with the new ones.
    fn keys(&self, map: Map<String, Value>, prefix: &str) -> Map<String, Value> {
        let renamed = map.into_iter().filter_map(|(key, value)| {
            let fate = key.strip_prefix(prefix).map_or(Fate::Stays, |name| self.of(name));
            match fate {
                Fate::Stays => Some((key, value)),
                Fate::Becomes(new) => Some((format!("{prefix}{new}"), value)),
                Fate::Goes => None,
            }
        });
        renamed.collect()
    }

    fn targets(&self, kinds: &mut Value) {
        let outputs = kinds.as_object_mut().into_iter().flat_map(Map::values_mut);
        let slots = outputs.filter_map(Value::as_array_mut).flatten();
        for entries in slots.filter_map(Value::as_array_mut) {
            entries.retain_mut(|entry| {
                let Some(Value::String(name)) = entry.get_mut("node") else { return true };
                match self.of(name) {
                    Fate::Stays => true,
                    Fate::Becomes(new) => {
                        new.clone_into(name);
                        true
                    }
                    Fate::Goes => false,
                }
            });
        }
    }
}

/// The parts of a workflow beside the connections that go by names, and what stands before each name.
const PARTS: [(&str, &str); 2] = [("pinData", ""), ("staticData", "node:")];

/// What a workflow holds of one node by its name, in the order of [`PARTS`].
pub(super) fn held(workflow: &Workflow, name: &str) -> Vec<Option<Value>> {
    let of = |(part, prefix): (&str, &str)| workflow.rest.get(part)?.get(format!("{prefix}{name}")).cloned();
    PARTS.into_iter().map(of).collect()
}

/// Puts back what [`held`] told.
pub(super) fn put_back(workflow: &mut Workflow, name: &str, held: &[Option<Value>]) {
    for ((part, prefix), value) in PARTS.into_iter().zip(held) {
        let Some(value) = value else { continue };
        let map = workflow.rest.entry(part).or_insert_with(|| Value::Object(Map::new()));
        if let Some(map) = map.as_object_mut() {
            map.insert(format!("{prefix}{name}"), value.clone());
        }
    }
}
