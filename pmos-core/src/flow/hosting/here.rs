//! Acts on automations in our own store: what is kept is read, what becomes of it is computed with no unit open, and it is
//! written only if nothing came in between.

use super::{
    EditRequest, must_exist, not_published,
    prepare::{Prepared, prepare},
    race::Race,
    ready, starts, within_limit,
};
use crate::{
    Error, Result,
    action::Context,
    audit::Subject,
    event::NewEvent,
    flow::{Change, Document, FlowEngine, FlowView, Graph, actions::FlowDetails, changed, look_over},
    run::new_hook_token,
    store::{FlowRow, PublishedRow, VersionRow},
    workspace::Label,
};

pub(super) async fn create(
    cx: &mut Context<'_>,
    engine: &dyn FlowEngine,
    name: Label,
    document: Document,
) -> Result<FlowDetails> {
    let mut row = FlowRow {
        id: cx.new_id()?,
        engine: engine.descriptor().name.clone(),
        name,
        enabled: false,
        revision: 1,
        document,
        issues: Box::default(),
        issues_count: 0,
        trigger: None,
        hook_token: new_hook_token(cx.clock())?,
        hook_url: None,
        published: None,
        created_at: cx.now(),
        updated_at: cx.now(),
    };
    let graph = engine.lens().view(&row.document)?;
    look_over(&mut row, engine, &graph)?;
    let shown = FlowDetails::of(cx, row.clone(), engine, false)?;
    let unit = cx.write().await?;
    within_limit(unit).await?;
    unit.flows().insert(&row).await?;
    let subject = Subject::new("flow", row.id);
    cx.tell("flow.created", &subject);
    cx.about(subject);
    Ok(shown)
}

pub(super) async fn edit(
    cx: &mut Context<'_>,
    mut row: FlowRow,
    engine: &dyn FlowEngine,
    request: EditRequest,
) -> Result<FlowDetails> {
    let mut race = Race::begin(cx, row.id).await?;
    loop {
        let Prepared { row: mut after, edits, graph, remains, merged } = prepare(cx, &row, engine, &request).await?;
        let before = engine.lens().view(&row.document)?;
        let change = Change {
            before: FlowView { name: row.name.as_str(), graph: &before },
            base: row.revision,
            edits,
            remains,
            note: request.note.clone(),
        };
        let edit = change.row(cx.clock(), &engine.descriptor().capabilities, cx.actor(), cx.now())?;
        after.revision = edit.revision;
        after.published = compared(cx, &after, engine, &graph).await?;
        look_over(&mut after, engine, &graph)?;
        let shown = FlowDetails::of(cx, after.clone(), engine, merged)?;
        let unit = cx.write().await?;
        if unit.flows().update(&after, row.state()).await? {
            unit.flows().insert_edit(after.id, &edit).await?;
            let event = changed(after.id, &edit, cx.actor());
            cx.emit(event);
            return Ok(shown);
        }
        row = race.lost(cx, row.id).await?;
    }
}

/// The live version, beside a draft that was just changed: taking back every change leaves nothing to publish.
async fn compared(
    cx: &mut Context<'_>,
    row: &FlowRow,
    engine: &dyn FlowEngine,
    graph: &Graph,
) -> Result<Option<PublishedRow>> {
    let Some(live) = row.published else { return Ok(None) };
    let version = cx.read().await?.flows().version(row.id, live.version).await?;
    let version = version.ok_or_else(|| Error::internal("read a published version"))?;
    let same = engine.lens().view(&version.document)? == *graph;
    Ok(Some(if same { PublishedRow { revision: row.revision, ..live } } else { live }))
}

pub(super) async fn publish(
    cx: &mut Context<'_>,
    mut row: FlowRow,
    engine: &dyn FlowEngine,
    enable: bool,
    note: Option<String>,
) -> Result<FlowDetails> {
    let mut race = Race::begin(cx, row.id).await?;
    loop {
        let used = ready(&row, engine)?;
        let live = row.published.filter(|published| published.revision == row.revision);
        let published = live.unwrap_or_else(|| PublishedRow {
            version: row.published.map_or(1, |published| published.version + 1),
            revision: row.revision,
            at: cx.now(),
        });
        let after =
            FlowRow { published: Some(published), enabled: row.enabled || enable, updated_at: cx.now(), ..row.clone() };
        let version = VersionRow {
            version: published.version,
            document: row.document.clone(),
            revision: row.revision,
            at: cx.now(),
            by: cx.actor().to_string(),
            note: note.clone(),
        };
        starts::must_call_well(cx, engine, &row).await?;
        let next = if after.enabled { starts::first_slot(cx.now(), engine, &row.document)? } else { None };
        let shown = FlowDetails::of(cx, after.clone(), engine, false)?;
        let unit = cx.write().await?;
        if unit.flows().update(&after, row.state()).await? {
            unit.flows().plan(row.id, next).await?;
            must_exist(unit, engine, &used).await?;
            if live.is_none() {
                unit.flows().insert_version(row.id, &version).await?;
            }
            let data = serde_json::json!({"version": published.version, "enabled": after.enabled});
            let subject = Subject::new("flow", row.id);
            cx.emit(NewEvent::with("flow.published", cx.now(), cx.actor(), &subject, Some(&data)));
            return Ok(shown);
        }
        row = race.lost(cx, row.id).await?;
    }
}

pub(super) async fn set_enabled(
    cx: &mut Context<'_>,
    mut row: FlowRow,
    engine: &dyn FlowEngine,
    enabled: bool,
) -> Result<FlowDetails> {
    let mut race = Race::begin(cx, row.id).await?;
    loop {
        let next = match (enabled, row.published) {
            (true, None) => return Err(not_published()),
            (true, Some(published)) => {
                let version = cx.read().await?.flows().version(row.id, published.version).await?;
                let version = version.ok_or_else(|| Error::internal("read a published version"))?;
                starts::first_slot(cx.now(), engine, &version.document)?
            }
            (false, _) => None,
        };
        let after = FlowRow { enabled, updated_at: cx.now(), ..row.clone() };
        let shown = FlowDetails::of(cx, after.clone(), engine, false)?;
        let unit = cx.write().await?;
        if unit.flows().update(&after, row.state()).await? {
            unit.flows().plan(row.id, next).await?;
            cx.tell(if enabled { "flow.enabled" } else { "flow.disabled" }, &Subject::new("flow", row.id));
            return Ok(shown);
        }
        row = race.lost(cx, row.id).await?;
    }
}
