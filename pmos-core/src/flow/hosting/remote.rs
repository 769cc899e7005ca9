//! The same acts on automations that a remote engine keeps: what it has is looked at first, then changed, then taken
//! into our mirror. When we die in between, the next look finds what became of it; nothing is lost but who it was.

use super::{
    EditRequest, must_exist, not_published,
    prepare::{Prepared, prepare},
    race::Race,
    ready, within_limit,
};
use crate::{
    Error, FlowId, Id, Result,
    action::{Context, Intent},
    audit::Subject,
    engine::{Absorbing, EXTERNAL_EDITOR, Mirror, RemoteFlow, SeenFlow, Sent, Stored, Tenancy, known_credentials},
    event::NewEvent,
    flow::{Change, Document, FlowEngine, FlowView, actions::FlowDetails},
    store::{FlowRow, ObjectKind, OwnedObject},
    workspace::Label,
};

/// How often edits are put on top of what was just written at the engine.
const TRIES: usize = 4;

/// Sends edits.
pub(super) async fn edit(
    cx: &mut Context<'_>,
    flow: FlowId,
    engine: &dyn FlowEngine,
    request: EditRequest,
) -> Result<FlowDetails> {
    let tenancy = intend(cx, engine).await?;
    cx.lock_flow(flow).await?;
    for _ in 0..TRIES {
        let (mirror, remote) = look(cx, flow, engine, &tenancy).await?;
        let before = mirror.flow()?.clone();
        let Prepared { row, edits, graph, remains, merged } = prepare(cx, &before, engine, &request).await?;
        let renamed = row.name != before.name;
        if !renamed && row.document.text() == before.document.text() {
            return FlowDetails::of(cx, before, engine, merged);
        }
        let name = if renamed { row.name.as_str() } else { &remote.name };
        let outward = cx.outward(Intent::begun()).await?;
        let (now, lost) = match outward.host(engine)?.store(&tenancy, &remote, name, &row.document).await? {
            Stored::Done(now) => (now, None),
            Stored::Overwrote { now, lost } => (now, Some(lost)),
            Stored::Overtaken(_) => continue,
        };
        let after = absorb(cx, engine, mirror, &now, Some(Sent { edits, graph, remains }), request.note).await?;
        if let Some(lost) = lost {
            keep_lost(cx, engine, &before, after.revision, &lost).await?;
        }
        return FlowDetails::of(cx, after, engine, merged);
    }
    let message = "The automation is being changed by others again and again. Try once more in a moment.";
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
    cx.lock_flow(flow).await?;
    let (mirror, remote) = look(cx, flow, engine, &tenancy).await?;
    let used = ready(mirror.flow()?, engine)?;
    must_exist(cx.read().await?, engine, &used).await?;
    let outward = cx.outward(Intent::begun()).await?;
    let now = outward.host(engine)?.publish(&tenancy, &remote.id, enable, note.as_deref()).await?;
    let row = absorb(cx, engine, mirror, &now, None, note).await?;
    FlowDetails::of(cx, row, engine, false)
}

/// Starts or stops the triggers.
pub(super) async fn set_enabled(
    cx: &mut Context<'_>,
    flow: FlowId,
    engine: &dyn FlowEngine,
    enabled: bool,
) -> Result<FlowDetails> {
    let tenancy = intend(cx, engine).await?;
    cx.lock_flow(flow).await?;
    let (mirror, remote) = look(cx, flow, engine, &tenancy).await?;
    let version = SeenFlow::read(&owned(cx, engine, flow).await?)?.version;
    if enabled && version.is_none() {
        return Err(not_published());
    }
    let outward = cx.outward(Intent::begun()).await?;
    let now = outward.host(engine)?.set_enabled(&tenancy, &remote.id, version.as_ref(), enabled).await?;
    let row = absorb(cx, engine, mirror, &now, None, None).await?;
    FlowDetails::of(cx, row, engine, false)
}

/// Deletes it there; the caller takes it off our lists.
pub(super) async fn delete(cx: &mut Context<'_>, flow: FlowId, engine: &dyn FlowEngine) -> Result<()> {
    let external = owned(cx, engine, flow).await?.external;
    let tenancy = intend(cx, engine).await?;
    cx.lock_flow(flow).await?;
    cx.outward(Intent::begun()).await?.host(engine)?.delete(&tenancy, &external).await?;
    cx.write().await?.engines().release(&engine.descriptor().name, ObjectKind::Flow, flow.uuid()).await?;
    Ok(())
}

/// Makes it there, and our mirror of it.
pub(super) async fn create(
    cx: &mut Context<'_>,
    engine: &dyn FlowEngine,
    name: &Label,
    document: &Document,
) -> Result<FlowDetails> {
    within_limit(cx.read().await?).await?;
    let tenancy = intend(cx, engine).await?;
    let remote = cx.outward(Intent::begun()).await?.host(engine)?.create(&tenancy, name.as_str(), document).await?;
    let mirror = Mirror::find(cx.read().await?, engine, &remote.id).await?;
    let mirror = mirror.ok_or_else(|| Error::internal("own a flow that was just made"))?;
    let row = absorb(cx, engine, mirror, &remote, None, None).await?;
    cx.about(Subject::new("flow", row.id));
    FlowDetails::of(cx, row, engine, false)
}

/// Writes down that the act begins, and opens the workspace's tenancy.
async fn intend(cx: &mut Context<'_>, engine: &dyn FlowEngine) -> Result<Tenancy> {
    let scope = cx.scope()?;
    cx.outward(Intent::begun()).await?.require_tenancy(&scope, engine).await
}

/// What the engine has, and our mirror of it, which shows the same.
async fn look(
    cx: &mut Context<'_>,
    flow: FlowId,
    engine: &dyn FlowEngine,
    tenancy: &Tenancy,
) -> Result<(Mirror, RemoteFlow)> {
    let remote = cx.outward(Intent::begun()).await?.follow(engine, tenancy, flow).await?;
    let mut mirror = Context::found(Mirror::of(cx.read().await?, engine, flow).await?)?;
    // Credentials may have come since the mirror was made, and edits may name them.
    mirror.link(engine)?;
    Ok((mirror, remote))
}

async fn owned(cx: &mut Context<'_>, engine: &dyn FlowEngine, flow: FlowId) -> Result<OwnedObject> {
    let name = &engine.descriptor().name;
    Context::found(cx.read().await?.engines().owned(name, ObjectKind::Flow, flow.uuid()).await?)
}

/// Takes what the engine has now into our mirror. A look in between was faster; then only what is still
/// different is ours to tell.
async fn absorb(
    cx: &mut Context<'_>,
    engine: &dyn FlowEngine,
    mut mirror: Mirror,
    remote: &RemoteFlow,
    mut sent: Option<Sent>,
    note: Option<String>,
) -> Result<FlowRow> {
    let mut race = Race::default();
    loop {
        let (clock, author, at) = (cx.clock(), cx.actor(), cx.now());
        let absorbing = Absorbing { engine, clock, author, at, sent: sent.take(), note: note.clone() };
        let absorbed = absorbing.compare(&mirror, remote)?;
        if absorbed.keep(cx.write().await?).await? {
            absorbed.events.into_iter().for_each(|event| cx.emit(event));
            return Ok(absorbed.row);
        }
        race.again(cx)?;
        let again = mirror.again(cx.read().await?, engine, &remote.id).await?;
        if mirror.is_new() && again.as_ref().is_some_and(Mirror::is_new) {
            return Err(Error::internal("own a flow that was just made"));
        }
        mirror = Context::found(again)?;
    }
}

/// What was written at the engine and our write covered: a conflict in the history, with that version whole.
async fn keep_lost(
    cx: &mut Context<'_>,
    engine: &dyn FlowEngine,
    before: &FlowRow,
    revision: u64,
    lost: &Document,
) -> Result<()> {
    let lens = engine.lens();
    let known = known_credentials(cx.read().await?.engines(), &engine.descriptor().name).await?;
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
    cx.write().await?.flows().insert_edit(before.id, &edit).await?;
    let data = serde_json::json!({"edit": edit.id, "edits": edit.edits});
    let subject = Subject::new("flow", before.id);
    cx.emit(NewEvent::with("flow.conflict", cx.now(), EXTERNAL_EDITOR, &subject, Some(&data)));
    Ok(())
}
