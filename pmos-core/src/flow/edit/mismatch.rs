//! What an engine's document cannot hold, said in the words of those who sent it.

use super::{Dialect, EditError, FlowEdit, NewStep};
use crate::{
    Error,
    flow::{Capabilities, Edge, Graph, StepId},
};

/// A part of a graph that an engine's document has no place for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// Which part.
    pub part: Box<Part>,
    /// The field of it.
    pub field: &'static str,
    /// What is wrong and what would be right.
    pub message: String,
}

/// A part of a graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A step.
    Step(StepId),
    /// An edge.
    Edge(Edge),
    /// A note, by its id.
    Note(String),
}

impl Mismatch {
    /// What `field` of `part` lacks.
    pub fn new(part: Part, field: &'static str, message: impl Into<String>) -> Self {
        Self { part: Box::new(part), field, message: message.into() }
    }

    /// The error of a whole graph that was sent.
    pub fn in_graph(self, graph: &Graph) -> Error {
        let place = match &*self.part {
            Part::Step(id) => graph.steps.iter().position(|step| &step.id == id).map(|at| format!("steps[{at}]")),
            Part::Edge(edge) => graph.edges.iter().position(|other| other == edge).map(|at| format!("edges[{at}]")),
            Part::Note(id) => graph.notes.iter().position(|note| &note.id == id).map(|at| format!("notes[{at}]")),
        };
        let place = place.map_or("graph".to_owned(), |place| format!("graph.{place}"));
        Error::invalid(format!("{place}.{}", self.field), self.message)
    }

    /// The error of the explicit edits that led to it: of the last one that made the part what it is.
    pub fn in_edits(self, edits: &[FlowEdit]) -> EditError {
        let found = edits.iter().enumerate().rev().find_map(|(at, edit)| Some((at, self.field_in(edit)?)));
        let (edit, field) = found.unwrap_or_else(|| (edits.len().saturating_sub(1), "op".to_owned()));
        EditError { edit, field, message: self.message }
    }

    /// The field of an edit that gave the part the field at fault.
    fn field_in(&self, edit: &FlowEdit) -> Option<String> {
        let field = self.field;
        match (edit, &*self.part) {
            (FlowEdit::AddStep { step: NewStep { id: Some(id), .. }, .. }, Part::Step(part)) if id == part => {
                Some(format!("step.{field}"))
            }
            (FlowEdit::ReplaceStep { id, .. }, Part::Step(part)) if id == part => Some(format!("step.{field}")),
            (FlowEdit::UpdateStep { id, set }, Part::Step(part)) if id == part => {
                // An update never changes the operation itself, but the settings that go with it.
                let field = if field == "operation" { "settings" } else { field };
                let root = field.split('.').next().unwrap_or(field);
                set.contains_key(root).then(|| format!("set.{field}"))
            }
            (FlowEdit::Connect { from, port, to, .. }, Part::Edge(edge))
                if (from, port, to) == (&edge.from, &edge.port, &edge.to) =>
            {
                Some(field.to_owned())
            }
            (FlowEdit::AddNote { note }, Part::Note(id)) if &note.id == id => Some(format!("note.{field}")),
            _ => None,
        }
    }
}

impl EditError {
    /// The same error, of the request that led to the explicit edit it is about.
    #[must_use]
    pub fn of_request(
        self,
        before: &Graph,
        requests: &[FlowEdit],
        capabilities: &Capabilities,
        dialect: &dyn Dialect,
    ) -> Self {
        let reached = |count: usize| {
            let explicit = before.expand(&requests[..count], capabilities, dialect);
            explicit.is_ok_and(|explicit| explicit.len() > self.edit)
        };
        let count = (1..=requests.len()).find(|count| reached(*count)).unwrap_or(requests.len());
        Self { edit: count.saturating_sub(1), ..self }
    }
}
