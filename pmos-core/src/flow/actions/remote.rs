//! The same acts on automations that an engine outside keeps: what it has is looked at first, then changed, then taken
//! into our mirror. When we die in between, the next look finds what became of it; nothing is lost but who it was.

use super::{
    FlowDetails,
    edit::{EditRequest, Prepared, prepare},
    enable::not_published,
    publish::ready,
    subject,
    view::details,
};
use crate::{
    Error, FlowId, Id, Result,
    action::Context,
    engine::{Absorbing, EXTERNAL_EDITOR, RemoteFlow, SeenFlow, Sent, Stored, Tenancy, known_credentials},
    event::NewEvent,
    flow::{Change, Document, FlowEngine, FlowView},
    store::{FlowRow, ObjectKind, OwnedObject},
    workspace::Label,
};

/// How often edits are put on top of what somebody outside just wrote.
const TRIES: usize = 4;

/// Sends edits.
pub(super) async fn edit(
    cx: &mut Context<'_>,
    flow: FlowId,
    engine: &dyn FlowEngine,
    request: EditRequest,
) -> Result<FlowDetails> {
    let tenancy = intend(cx, engine).await?;
    let _turn = cx.pmos().flow_locks().lock(flow).await;
    for _ in 0..TRIES {
        let (before, remote) = look(cx, flow, engine, &tenancy).await?;
        let Prepared { row, edits, graph, remains, merged } = prepare(cx, &before, engine, request.clone()).await?;
        let renamed = row.name != before.name;
        if !renamed && row.document.text() == before.document.text() {
            return details(cx, before, engine, merged);
        }
        let name = if renamed { row.name.as_str() } else { &remote.name };
        let host = cx.outward().await?.host(engine)?;
        let (now, lost) = match host.store(&tenancy, &remote, name, &row.document).await? {
            Stored::Done(now) => (now, None),
            Stored::Overwrote { now, lost } => (now, Some(lost)),
            Stored::Overtaken(_) => continue,
        };
        let shown = before.clone();
        let after = absorb(cx, engine, before, &now, Some(Sent { edits, graph, remains }), request.note).await?;
        if let Some(lost) = lost {
            keep_lost(cx, engine, &shown, after.revision, &lost).await?;
        }
        return details(cx, after, engine, merged);
    }
    let message = "The automation is being changed by somebody else again and again. Try once more in a moment.";
    Err(Error::conflict("conflict", message))
}

/// Makes the draft live.
pub(super) async fn publish(
    cx: &mut Context<'_>,
    flow: FlowId,
    engine: &dyn FlowEngine,
    enable: bool,
    note: Option<String>,
) -> Result<FlowDetails> {
    let tenancy = intend(cx, engine).await?;
    let _turn = cx.pmos().flow_locks().lock(flow).await;
    let (row, remote) = look(cx, flow, engine, &tenancy).await?;
    ready(cx, &row, engine).await?;
    let host = cx.outward().await?.host(engine)?;
    let now = host.publish(&tenancy, &remote.id, enable, note.as_deref()).await?;
    let row = absorb(cx, engine, row, &now, None, note).await?;
    details(cx, row, engine, false)
}

/// Starts or stops the triggers.
pub(super) async fn set_enabled(
    cx: &mut Context<'_>,
    flow: FlowId,
    engine: &dyn FlowEngine,
    enabled: bool,
) -> Result<FlowDetails> {
    let tenancy = intend(cx, engine).await?;
    let _turn = cx.pmos().flow_locks().lock(flow).await;
    let (row, remote) = look(cx, flow, engine, &tenancy).await?;
    let version = SeenFlow::read(&owned(cx, engine, flow).await?)?.version;
    if enabled && version.is_none() {
        return Err(not_published());
    }
    let host = cx.outward().await?.host(engine)?;
    let now = host.set_enabled(&tenancy, &remote.id, version.as_ref(), enabled).await?;
    let row = absorb(cx, engine, row, &now, None, None).await?;
    details(cx, row, engine, false)
}

/// Deletes it there; the caller takes it off our lists.
pub(super) async fn delete(cx: &mut Context<'_>, flow: FlowId, engine: &dyn FlowEngine) -> Result<()> {
    let external = owned(cx, engine, flow).await?.external;
    let tenancy = intend(cx, engine).await?;
    let _turn = cx.pmos().flow_locks().lock(flow).await;
    cx.outward().await?.host(engine)?.delete(&tenancy, &external).await?;
    cx.unit().await?.engines().release(&engine.descriptor().name, ObjectKind::Flow, flow.uuid()).await?;
    Ok(())
}

/// Makes it there, and our mirror of it.
pub(super) async fn create(
    cx: &mut Context<'_>,
    engine: &dyn FlowEngine,
    name: &Label,
    document: &Document,
) -> Result<FlowRow> {
    let tenancy = intend(cx, engine).await?;
    let remote = cx.outward().await?.host(engine)?.create(&tenancy, name.as_str(), document).await?;
    let begun = absorbing(cx, engine, None, None).begin(cx.unit().await?, tenancy.workspace, &remote).await?;
    let begun = begun.ok_or_else(|| Error::internal("own a flow that was just made"))?;
    begun.events.into_iter().for_each(|event| cx.emit(event));
    cx.about(subject(begun.row.id));
    Ok(begun.row)
}

/// Writes down that the act begins, and opens the workspace's place.
async fn intend(cx: &mut Context<'_>, engine: &dyn FlowEngine) -> Result<Tenancy> {
    let scope = cx.scope()?;
    cx.unit().await?;
    cx.outward().await?.pmos().require_tenancy(&scope, engine).await
}

/// What the engine has, and our mirror of it, which shows the same.
async fn look(
    cx: &mut Context<'_>,
    flow: FlowId,
    engine: &dyn FlowEngine,
    tenancy: &Tenancy,
) -> Result<(FlowRow, RemoteFlow)> {
    let remote = cx.outward().await?.follow(engine, tenancy, flow).await?;
    let mut row = Context::found(cx.unit().await?.flows().get(flow).await?)?;
    // Credentials may have come since the mirror was made, and edits may name them.
    let known = known_credentials(cx.unit().await?.engines(), &engine.descriptor().name).await?;
    row.document = engine.lens().link(&row.document, &known)?;
    Ok((row, remote))
}

async fn owned(cx: &mut Context<'_>, engine: &dyn FlowEngine, flow: FlowId) -> Result<OwnedObject> {
    let name = &engine.descriptor().name;
    Context::found(cx.unit().await?.engines().owned(name, ObjectKind::Flow, flow.uuid()).await?)
}

fn absorbing<'a>(
    cx: &Context<'a>,
    engine: &'a dyn FlowEngine,
    sent: Option<Sent>,
    note: Option<String>,
) -> Absorbing<'a> {
    Absorbing { engine, pmos: cx.pmos(), author: cx.actor(), at: cx.now(), sent, note }
}

async fn absorb(
    cx: &mut Context<'_>,
    engine: &dyn FlowEngine,
    row: FlowRow,
    remote: &RemoteFlow,
    sent: Option<Sent>,
    note: Option<String>,
) -> Result<FlowRow> {
    let absorbing = absorbing(cx, engine, sent, note);
    let absorbed = absorbing.absorb(cx.unit().await?, row, remote).await?;
    absorbed.events.into_iter().for_each(|event| cx.emit(event));
    Ok(absorbed.row)
}

/// What somebody outside wrote and our write covered: a conflict in the history, with his version whole.
async fn keep_lost(
    cx: &mut Context<'_>,
    engine: &dyn FlowEngine,
    before: &FlowRow,
    revision: u64,
    lost: &Document,
) -> Result<()> {
    let lens = engine.lens();
    let known = known_credentials(cx.unit().await?.engines(), &engine.descriptor().name).await?;
    let lost = lens.view(&lens.link(lost, &known)?)?;
    let shown = lens.view(&before.document)?;
    let change = Change {
        edits: lens.diff(&shown, &lost),
        before: FlowView { name: before.name.as_str(), graph: &shown },
        base: before.revision,
        remains: None,
        note: None,
    };
    let mut edit = change.row(cx.clock(), &engine.descriptor().capabilities, EXTERNAL_EDITOR, cx.now())?;
    edit.conflict = true;
    edit.revision = revision;
    cx.unit().await?.flows().insert_edit(before.id, &edit).await?;
    let data = serde_json::json!({"edit": edit.id, "edits": edit.edits});
    cx.emit(NewEvent::with("flow.conflict", cx.now(), EXTERNAL_EDITOR, &subject(before.id), Some(&data)));
    Ok(())
}
