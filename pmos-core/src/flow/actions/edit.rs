use std::sync::Arc;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{FlowDetails, find, keep, look_over, subject, view::details};
use crate::{
    Error, FlowId, Result, Role,
    action::{Action, ActionSpec, Cx, Method},
    audit::Subject,
    event::NewEvent,
    flow::{Capabilities, FlowEdit, FlowEngine, FlowView, Graph, Merge, edit_document, merge},
    store::{EditRow, FlowRow},
    workspace::Label,
};

/// How far back a base may lie before edits on it are a conflict in any case.
const KNOWN: u32 = 100;

/// Changes an automation by a list of edits against a base revision, all or none.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EditFlow {
    /// Which.
    pub flow: FlowId,
    /// The revision that the edits were made on.
    pub base: String,
    /// The edits, in order.
    pub edits: Vec<FlowEdit>,
    /// What to remember about them.
    #[serde(default)]
    pub note: Option<String>,
}

#[async_trait]
impl Action for EditFlow {
    const SPEC: ActionSpec =
        ActionSpec::draft("flows.edit", Method::Post, "/flows/{flow}/edits").role(Role::Member).agents();
    type Output = FlowDetails;

    fn subject(&self) -> Option<Subject> {
        Some(subject(self.flow))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Self::Output> {
        let base: u64 = self
            .base
            .parse()
            .map_err(|_| Error::invalid("base", "must be the revision of the automation as you have it"))?;
        if self.note.as_ref().is_some_and(|note| note.chars().count() > 500) {
            return Err(Error::invalid("note", "must have at most 500 characters"));
        }
        let (row, engine) = find(cx, self.flow).await?;
        change(cx, row, &engine, base, self.edits, self.note).await
    }
}

/// Applies edits made on `base`; the one way in which a draft changes.
pub(super) async fn change(
    cx: &mut Cx<'_>,
    row: FlowRow,
    engine: &Arc<dyn FlowEngine>,
    base: u64,
    edits: Vec<FlowEdit>,
    note: Option<String>,
) -> Result<FlowDetails> {
    if edits.is_empty() {
        return details(cx, row, &**engine, false);
    }
    let merged = base != row.revision;
    let edits = if merged { on_top(cx, &row, &**engine, base, edits).await? } else { edits };
    let before = row.clone();
    let capabilities = &engine.descriptor().capabilities;
    let graph = engine.lens().view(&before.document)?;
    let (document, expanded) = edit_document(engine.lens(), &before.document, &edits)?;
    let view = FlowView { name: before.name.as_str(), graph: &graph };
    let inverses = view.invert(&expanded, capabilities)?;
    let mut row = FlowRow { document, revision: before.revision + 1, updated_at: cx.now(), ..row };
    if let Some(name) = new_name(&expanded)? {
        row.name = name;
    }
    look_over(&mut row, &**engine)?;
    keep(cx, &row, before.revision).await?;
    let edit = EditRow {
        id: cx.new_id()?,
        base: before.revision,
        revision: row.revision,
        author: cx.actor().to_string(),
        note,
        edits: raw(&expanded)?,
        inverses: raw(&inverses)?,
        remains: engine.lens().remains(&before.document, &expanded)?,
        conflict: false,
        at: cx.now(),
    };
    cx.unit().await?.flows().insert_edit(row.id, &edit).await?;
    let data = serde_json::json!({"revision": row.revision.to_string(), "edit": edit.id, "edits": edit.edits});
    let event = NewEvent::with("flow.changed", cx.now(), cx.actor(), &subject(row.id), Some(&data));
    cx.emit(event);
    details(cx, row, &**engine, merged)
}

fn raw(edits: &[FlowEdit]) -> Result<Box<RawValue>> {
    serde_json::value::to_raw_value(edits).map_err(|cause| Error::internal("write edits").because(cause))
}

fn new_name(edits: &[FlowEdit]) -> Result<Option<Label>> {
    let name = edits.iter().rev().find_map(|edit| match edit {
        FlowEdit::Rename { name } => Some(name),
        _ => None,
    });
    name.map(|name| {
        name.parse().map_err(|cause: crate::workspace::LabelError| Error::invalid("name", cause.to_string()))
    })
    .transpose()
}

/// The edits as they fit on top of what others did since `base`.
async fn on_top(
    cx: &mut Cx<'_>,
    row: &FlowRow,
    engine: &dyn FlowEngine,
    base: u64,
    mine: Vec<FlowEdit>,
) -> Result<Vec<FlowEdit>> {
    let capabilities = &engine.descriptor().capabilities;
    let current = engine.lens().view(&row.document)?;
    let Some((base_name, base_graph)) = state_at(cx, row, &current, base, capabilities).await? else {
        return Err(conflict(row, &[], &mine));
    };
    let then = FlowView { name: &base_name, graph: &base_graph };
    let now = FlowView { name: row.name.as_str(), graph: &current };
    let check = |graph: &Graph| match engine.lens().create(graph) {
        Ok(document) => engine.lens().check(&document),
        Err(_) => graph.structure(capabilities),
    };
    match merge(&then, &now, &mine, capabilities, engine.lens().dialect(), &check)? {
        Merge::Merged { edits, .. } => Ok(edits),
        Merge::Conflict { theirs, mine } => Err(conflict(row, &theirs, &mine)),
    }
}

/// The flow as it was at an earlier revision, found by taking back what was done since.
async fn state_at(
    cx: &mut Cx<'_>,
    row: &FlowRow,
    current: &Graph,
    base: u64,
    capabilities: &Capabilities,
) -> Result<Option<(String, Graph)>> {
    let since = cx.unit().await?.flows().edits_after(row.id, base, KNOWN).await?;
    let complete = base < row.revision && since.len() as u64 == row.revision - base;
    if !complete {
        return Ok(None);
    }
    let (mut name, mut graph) = (row.name.to_string(), current.clone());
    for edit in since.iter().rev() {
        let inverses: Vec<FlowEdit> =
            serde_json::from_str(edit.inverses.get()).map_err(|cause| Error::internal("read edits").because(cause))?;
        for inverse in &inverses {
            if let FlowEdit::Rename { name: before } = inverse {
                name.clone_from(before);
            }
        }
        graph = graph.apply(&inverses, capabilities)?;
    }
    Ok(Some((name, graph)))
}

fn conflict(row: &FlowRow, theirs: &[FlowEdit], mine: &[FlowEdit]) -> Error {
    let message = "Somebody changed the same part of the automation. Look at both changes and choose.";
    Error::conflict("conflict", message)
        .with("current", row.revision.to_string())
        .with("theirs", theirs)
        .with("mine", mine)
}
