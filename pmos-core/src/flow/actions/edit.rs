use std::sync::Arc;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FlowDetails, find, keep, remote, subject, view::details};
use crate::{
    Error, FlowId, Result, Role,
    action::{Action, ActionSpec, Context, Method},
    audit::Subject,
    flow::{
        Capabilities, Change, FlowEdit, FlowEngine, FlowView, Graph, Host, Merge, Remains, changed, edit_document,
        last_name, look_over, merge,
    },
    store::FlowRow,
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

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let base: u64 = self
            .base
            .parse()
            .map_err(|_| Error::invalid("base", "must be the revision of the automation as you have it"))?;
        if self.note.as_ref().is_some_and(|note| note.chars().count() > 500) {
            return Err(Error::invalid("note", "must have at most 500 characters"));
        }
        let (row, engine) = find(cx, self.flow).await?;
        change(cx, row, &engine, EditRequest { base: Some(base), edits: self.edits, remains: None, note: self.note })
            .await
    }
}

/// Edits that somebody wants.
#[derive(Clone)]
pub(super) struct EditRequest {
    /// The revision that they were made on; none when they fit on any.
    pub(super) base: Option<u64>,
    pub(super) edits: Vec<FlowEdit>,
    /// What the edits that they take back took away unseen.
    pub(super) remains: Option<Remains>,
    pub(super) note: Option<String>,
}

/// Applies edits; the one way in which a draft changes.
pub(super) async fn change(
    cx: &mut Context<'_>,
    row: FlowRow,
    engine: &Arc<dyn FlowEngine>,
    request: EditRequest,
) -> Result<FlowDetails> {
    if request.edits.is_empty() {
        return details(cx, row, &**engine, false);
    }
    match engine.host() {
        Host::Embedded(_) => here(cx, row, &**engine, request).await,
        Host::Remote(_) => remote::edit(cx, row.id, &**engine, request).await,
    }
}

async fn here(
    cx: &mut Context<'_>,
    before: FlowRow,
    engine: &dyn FlowEngine,
    request: EditRequest,
) -> Result<FlowDetails> {
    let note = request.note.clone();
    let Prepared { row: mut after, edits, graph, remains, merged } = prepare(cx, &before, engine, request).await?;
    let shown = engine.lens().view(&before.document)?;
    let change = Change {
        before: FlowView { name: before.name.as_str(), graph: &shown },
        base: before.revision,
        edits,
        remains,
        note,
    };
    let edit = change.row(cx.clock(), &engine.descriptor().capabilities, cx.actor(), cx.now())?;
    after.revision = edit.revision;
    look_over(&mut after, engine, &graph)?;
    keep(cx, &after, before.revision).await?;
    cx.unit().await?.flows().insert_edit(after.id, &edit).await?;
    let event = changed(after.id, &edit, cx.actor());
    cx.emit(event);
    details(cx, after, engine, merged)
}

/// What a request comes to on a flow as it is now.
pub(super) struct Prepared {
    /// The flow with its new name and document; its revision is still the old one.
    pub(super) row: FlowRow,
    /// The expanded edits.
    pub(super) edits: Vec<FlowEdit>,
    /// What they lead to.
    pub(super) graph: Graph,
    /// What they take away unseen.
    pub(super) remains: Option<Remains>,
    /// Whether they were put on top of somebody else's.
    pub(super) merged: bool,
}

/// Expands edits and applies them to the document, on top of whatever was done since their base.
pub(super) async fn prepare(
    cx: &mut Context<'_>,
    before: &FlowRow,
    engine: &dyn FlowEngine,
    request: EditRequest,
) -> Result<Prepared> {
    let base = request.base.unwrap_or(before.revision);
    let merged = base != before.revision;
    let edits = if merged { on_top(cx, before, engine, base, request.edits).await? } else { request.edits };
    let (document, edits) = edit_document(engine.lens(), &before.document, &edits)?;
    let document = match &request.remains {
        Some(kept) => engine.lens().restore(&before.document, &edits, kept)?,
        None => document,
    };
    let remains = engine.lens().remains(&before.document, &edits)?;
    let graph = engine.lens().view(&document)?;
    let mut row = FlowRow { document, updated_at: cx.now(), ..before.clone() };
    if let Some(name) = last_name(&edits) {
        row.name =
            name.parse().map_err(|cause: crate::workspace::LabelError| Error::invalid("name", cause.to_string()))?;
    }
    Ok(Prepared { row, edits, graph, remains, merged })
}

/// The edits as they fit on top of what others did since `base`.
async fn on_top(
    cx: &mut Context<'_>,
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
    cx: &mut Context<'_>,
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
        if let Some(before) = last_name(&inverses) {
            before.clone_into(&mut name);
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
