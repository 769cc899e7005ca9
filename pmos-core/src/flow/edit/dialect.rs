//! How an engine names new steps and refers from one step to another.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::NewStep;
use crate::flow::{Port, StepId, StepKind};

/// How an engine names new steps and writes references between steps. The defaults suit an engine whose steps refer to
/// each other by id and that has no references of its own to rewrite.
pub trait Dialect: Send + Sync {
    /// The id a new step gets when none was proposed; a number is added when it is taken.
    fn id(&self, step: &NewStep) -> String {
        match step.kind {
            StepKind::Trigger => "trigger".to_owned(),
            StepKind::Action => step.operation.clone(),
        }
    }

    /// The name a new step gets when none was given.
    fn title(&self, step: &NewStep) -> String {
        step.operation.clone()
    }

    /// The way out of a new step that leads to what follows, where steps are connected freely.
    fn output(&self, step: &NewStep) -> Port {
        let _ = step;
        Port::next()
    }

    /// Whether a flow may hold one step of a name only. Where that is so, a name that is taken gets a number.
    fn names_are_unique(&self) -> bool {
        false
    }

    /// The settings of a step of this piece with every reference to a renamed step rewritten; none when they hold no such
    /// reference. The piece is empty where it is not known.
    fn rewrite(&self, piece: &str, settings: &Map<String, Value>, renamed: &Renamed) -> Option<Map<String, Value>> {
        let _ = (piece, settings, renamed);
        None
    }
}

/// The dialect of an engine that needs nothing beyond the defaults.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlainDialect;

impl Dialect for PlainDialect {}

/// Steps that are called something else now. An engine follows the kind of name that its references use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Renamed {
    /// Old id to new id.
    pub ids: BTreeMap<StepId, StepId>,
    /// Old name to new name.
    pub names: BTreeMap<String, String>,
}

impl Renamed {
    pub(super) fn is_empty(&self) -> bool {
        self.ids.is_empty() && self.names.is_empty()
    }
}
