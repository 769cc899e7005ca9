//! What expressions can see.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use minijinja::value::{Enumerator, Object, Serde, Value as Computed};
use parking_lot::RwLock;
use serde_json::Value;

use crate::embedded::computing::is_large;

/// The names an expression may begin with.
pub(crate) const ROOTS: [&str; 4] = ["trigger", "steps", "run", "workspace"];
/// The names an expression inside a loop may begin with.
pub(crate) const LOOP_ROOTS: [&str; 6] = ["trigger", "steps", "item", "index", "run", "workspace"];

/// What the expressions of one stretch of a run can see: the whole run, or one pass of a loop, which also sees
/// everything around it. Each result is converted once and shared from then on.
#[derive(Debug)]
pub(crate) struct Scope {
    around: Around,
    steps: RwLock<HashMap<String, Computed>>,
    /// Whether a value in it is large, so that using it may take long.
    large: AtomicBool,
}

#[derive(Debug)]
enum Around {
    Run { trigger: Computed, run: Computed, workspace: Computed },
    Pass { outer: Arc<Scope>, item: Computed, index: u32 },
}

impl Scope {
    /// The scope of a whole run.
    pub(crate) fn of_run(trigger: &Value, run: &str, workspace: &str) -> Arc<Self> {
        let named = |id: &str| Computed::from_pairs([("id", id)]);
        let around = Around::Run { trigger: computed(trigger), run: named(run), workspace: named(workspace) };
        Arc::new(Self { around, steps: RwLock::default(), large: is_large(trigger).into() })
    }

    /// The scope of one pass of a loop.
    pub(crate) fn of_pass(outer: &Arc<Self>, item: &Value, index: u32) -> Arc<Self> {
        let around = Around::Pass { outer: Arc::clone(outer), item: computed(item), index };
        let large = outer.is_large() || is_large(item);
        Arc::new(Self { around, steps: RwLock::default(), large: large.into() })
    }

    /// Makes the result of a step visible to those after it.
    pub(crate) fn keep(&self, step: &str, output: &Value) {
        if is_large(output) {
            self.large.store(true, Ordering::Relaxed);
        }
        self.steps.write().insert(step.to_owned(), computed(output));
    }

    /// Whether an expression may meet a large value.
    pub(crate) fn is_large(&self) -> bool {
        self.large.load(Ordering::Relaxed)
    }

    fn step(&self, id: &str) -> Option<Computed> {
        let found = self.steps.read().get(id).cloned();
        found.or_else(|| match &self.around {
            Around::Run { .. } => None,
            Around::Pass { outer, .. } => outer.step(id),
        })
    }
}

fn computed(value: &Value) -> Computed {
    Computed::from(Serde(value))
}

impl Object for Scope {
    fn get_value(self: &Arc<Self>, key: &Computed) -> Option<Computed> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Computed> {
        match (key, &self.around) {
            ("steps", _) => Some(Computed::from_object(Steps(Arc::clone(self)))),
            ("item", Around::Pass { item, .. }) => Some(item.clone()),
            ("index", Around::Pass { index, .. }) => Some(Computed::from(*index)),
            ("trigger", Around::Run { trigger, .. }) => Some(trigger.clone()),
            ("run", Around::Run { run, .. }) => Some(run.clone()),
            ("workspace", Around::Run { workspace, .. }) => Some(workspace.clone()),
            (_, Around::Pass { outer, .. }) => outer.get_value_by_str(key),
            _ => None,
        }
    }
}

/// `steps` in an expression.
#[derive(Debug)]
struct Steps(Arc<Scope>);

impl Object for Steps {
    fn get_value(self: &Arc<Self>, key: &Computed) -> Option<Computed> {
        self.0.step(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Computed> {
        self.0.step(key)
    }

    /// Steps are asked for by name; a list of all would depend on timing where passes run side by side.
    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }
}
