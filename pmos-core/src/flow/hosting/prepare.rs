//! What edits come to on a flow as it is now, wherever it is kept.

use crate::{
    Error, Result,
    action::Context,
    flow::{
        Capabilities, FlowEdit, FlowEngine, FlowView, Graph, Merge, Remains, actions::HistoryEntry, edit_document,
        last_name, merge,
    },
    store::{EditRow, FlowRow},
    workspace::LabelError,
};

/// How far back a base may lie before edits on it are a conflict in any case.
const KNOWN: u32 = 100;

/// Edits that are wanted.
pub(crate) struct EditRequest {
    /// The revision that they were made on; none when they fit on any.
    pub(crate) base: Option<u64>,
    pub(crate) edits: Vec<FlowEdit>,
    /// What the edits that they take back took away unseen.
    pub(crate) remains: Option<Remains>,
    pub(crate) note: Option<String>,
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
    /// Whether they were put on top of another's.
    pub(super) merged: bool,
}

/// Expands edits and applies them to the document, on top of whatever was done since their base.
pub(super) async fn prepare(
    cx: &mut Context<'_>,
    before: &FlowRow,
    engine: &dyn FlowEngine,
    request: &EditRequest,
) -> Result<Prepared> {
    let base = request.base.unwrap_or(before.revision);
    let merged = base != before.revision;
    let on_top = if merged { Some(on_top(cx, before, engine, base, &request.edits).await?) } else { None };
    let edits = on_top.as_ref().unwrap_or(&request.edits);
    let (document, edits) = edit_document(engine.lens(), &before.document, edits)?;
    let document = match &request.remains {
        Some(kept) => engine.lens().restore(&before.document, &edits, kept)?,
        None => document,
    };
    let remains = engine.lens().remains(&before.document, &edits)?;
    let graph = engine.lens().view(&document)?;
    let mut row = FlowRow { document, updated_at: cx.now(), ..before.clone() };
    if let Some(name) = last_name(&edits) {
        row.name = name.parse().map_err(|cause: LabelError| Error::invalid("name", cause.to_string()))?;
    }
    Ok(Prepared { row, edits, graph, remains, merged })
}

/// The edits as they fit on top of what others did since `base`.
async fn on_top(
    cx: &mut Context<'_>,
    row: &FlowRow,
    engine: &dyn FlowEngine,
    base: u64,
    mine: &[FlowEdit],
) -> Result<Vec<FlowEdit>> {
    let capabilities = &engine.descriptor().capabilities;
    let current = engine.lens().view(&row.document)?;
    let since = since(cx, row, base).await?;
    if since.len() as u64 != row.revision.saturating_sub(base) || since.is_empty() {
        return Err(conflict(row, since, &[], mine));
    }
    let (base_name, base_graph) = state_before(row, &current, &since, capabilities)?;
    let then = FlowView { name: &base_name, graph: &base_graph };
    let now = FlowView { name: row.name.as_str(), graph: &current };
    let check = |graph: &Graph| match engine.lens().create(graph) {
        Ok(document) => engine.lens().check(&document),
        Err(_) => graph.structure(capabilities),
    };
    match merge(&then, &now, mine, capabilities, engine.lens().dialect(), &check)? {
        Merge::Merged { edits, .. } => Ok(edits),
        Merge::Conflict { theirs, mine } => Err(conflict(row, since, &theirs, &mine)),
    }
}

/// What was done since an earlier revision, oldest first, as far as it is known.
async fn since(cx: &mut Context<'_>, row: &FlowRow, base: u64) -> Result<Vec<EditRow>> {
    let mut since = cx.read().await?.flows().edits_after(row.id, base, KNOWN).await?;
    // One that came after the flow was read is not part of it yet.
    since.retain(|edit| edit.revision <= row.revision);
    Ok(since)
}

/// The flow as it was before these changes, found by taking them back.
fn state_before(
    row: &FlowRow,
    current: &Graph,
    since: &[EditRow],
    capabilities: &Capabilities,
) -> Result<(String, Graph)> {
    let (mut name, mut graph) = (row.name.to_string(), current.clone());
    for edit in since.iter().rev() {
        let inverses: Vec<FlowEdit> =
            serde_json::from_str(edit.inverses.get()).map_err(|cause| Error::internal("read edits").because(cause))?;
        if let Some(before) = last_name(&inverses) {
            before.clone_into(&mut name);
        }
        graph = graph.apply(&inverses, capabilities)?;
    }
    Ok((name, graph))
}

fn conflict(row: &FlowRow, since: Vec<EditRow>, theirs: &[FlowEdit], mine: &[FlowEdit]) -> Error {
    let message = "The same part of the automation was changed meanwhile. Look at both changes and choose.";
    let since: Vec<_> = since.into_iter().map(HistoryEntry::from).collect();
    Error::conflict("conflict", message)
        .with("current", row.revision.to_string())
        .with("theirs", theirs)
        .with("mine", mine)
        .with("since", since)
}
