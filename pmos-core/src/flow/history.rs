//! What is written down of a change to a draft, whatever makes it.

use serde::Serialize;
use serde_json::value::RawValue;

use super::{Capabilities, FlowEdit, FlowEngine, FlowView, Graph, Issue, Remains, StepKind};
use crate::{
    Actor, Clock, Error, FlowId, Result, Timestamp,
    audit::Subject,
    event::NewEvent,
    store::{EditRow, FlowRow},
};

/// A change to a draft: from what to what, by which edits.
pub(crate) struct Change<'a> {
    /// What it was.
    pub(crate) before: FlowView<'a>,
    /// The revision it had.
    pub(crate) base: u64,
    /// The expanded edits that led on.
    pub(crate) edits: Vec<FlowEdit>,
    /// What they took away unseen.
    pub(crate) remains: Option<Remains>,
    /// What was said about them.
    pub(crate) note: Option<String>,
}

impl Change<'_> {
    /// The change as history keeps it, on its way to the next revision.
    pub(crate) fn row(self, clock: &dyn Clock, engine: &Capabilities, author: Actor, at: Timestamp) -> Result<EditRow> {
        let inverses = self.before.invert(&self.edits, engine)?;
        Ok(EditRow {
            id: clock.new_id()?,
            base: self.base,
            revision: self.base + 1,
            author: author.to_string(),
            note: self.note,
            edits: raw(&self.edits)?,
            inverses: raw(&inverses)?,
            remains: self.remains,
            conflict: false,
            at,
        })
    }
}

fn raw(value: &(impl Serialize + ?Sized)) -> Result<Box<RawValue>> {
    serde_json::value::to_raw_value(value).map_err(|cause| Error::internal("write edits").because(cause))
}

/// Tells that a draft changed.
pub(crate) fn changed(flow: FlowId, edit: &EditRow, author: Actor) -> NewEvent {
    let data = serde_json::json!({"revision": edit.revision.to_string(), "edit": edit.id, "edits": edit.edits});
    NewEvent::with("flow.changed", edit.at, author, &Subject::new("flow", flow), Some(&data))
}

/// Writes down what is derived from a draft: its issues and its trigger.
pub(crate) fn look_over(row: &mut FlowRow, engine: &dyn FlowEngine, graph: &Graph) -> Result<()> {
    let issues: Vec<Issue> = engine.lens().check(&row.document);
    row.issues_count = u32::try_from(issues.len()).unwrap_or(u32::MAX);
    row.issues =
        serde_json::value::to_raw_value(&issues).map_err(|cause| Error::internal("write issues").because(cause))?;
    row.trigger = graph.steps.iter().find(|step| step.kind == StepKind::Trigger).map(|step| step.operation.clone());
    Ok(())
}
