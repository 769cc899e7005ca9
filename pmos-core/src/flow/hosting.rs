//! Where automations are kept: in our own store, or at a remote engine with a mirror here. The only place of this folder
//! that asks which.

mod here;
mod prepare;
mod race;
mod remote;
mod starts;

use serde_json::Value;

pub(crate) use prepare::EditRequest;
pub(crate) use starts::schedule;

use super::{Capabilities, Document, FlowEngine, Graph, Host, OnError, Step, StepId, StepKind, actions::FlowDetails};
use crate::{
    ConnectionId, Error, Id, Kind, Result, Timestamp,
    action::{Context, Intent},
    engine::{KnownCredential, known_credentials},
    quota::{QuotaKey, exceeded},
    store::{FlowRow, ObjectKind, UnitOfWork},
    workspace::Label,
};

/// Adds a flow with this document, within the workspace's limit.
pub(crate) async fn create(
    cx: &mut Context<'_>,
    engine: &dyn FlowEngine,
    name: Label,
    document: Document,
) -> Result<FlowDetails> {
    match engine.host() {
        Host::Embedded(_) => here::create(cx, engine, name, document).await,
        Host::Remote(_) => remote::create(cx, engine, &name, &document).await,
    }
}

/// Applies edits; the one way in which a draft changes.
pub(crate) async fn edit(
    cx: &mut Context<'_>,
    row: FlowRow,
    engine: &dyn FlowEngine,
    request: EditRequest,
) -> Result<FlowDetails> {
    if request.edits.is_empty() {
        return FlowDetails::of(cx, row, engine, false);
    }
    match engine.host() {
        Host::Embedded(_) => here::edit(cx, row, engine, request).await,
        Host::Remote(_) => remote::edit(cx, row.id, engine, request).await,
    }
}

/// Makes the draft live.
pub(crate) async fn publish(
    cx: &mut Context<'_>,
    row: FlowRow,
    engine: &dyn FlowEngine,
    enable: bool,
    note: Option<String>,
) -> Result<FlowDetails> {
    match engine.host() {
        Host::Embedded(_) => here::publish(cx, row, engine, enable, note).await,
        Host::Remote(_) => remote::publish(cx, row.id, engine, enable, note).await,
    }
}

/// Starts or stops the triggers.
pub(crate) async fn set_enabled(
    cx: &mut Context<'_>,
    row: FlowRow,
    engine: &dyn FlowEngine,
    enabled: bool,
) -> Result<FlowDetails> {
    match engine.host() {
        Host::Embedded(_) => here::set_enabled(cx, row, engine, enabled).await,
        Host::Remote(_) => remote::set_enabled(cx, row.id, engine, enabled).await,
    }
}

/// Takes it away; its runs and its last document stay.
pub(crate) async fn delete(cx: &mut Context<'_>, row: &FlowRow, engine: &dyn FlowEngine) -> Result<()> {
    if let Host::Remote(_) = engine.host() {
        remote::delete(cx, row.id, engine).await?;
    }
    let now = cx.now();
    if cx.write().await?.flows().delete(row.id, now).await? { Ok(()) } else { Err(Error::not_found()) }
}

/// A flow with the first trigger the engine offers, since a flow without any cannot be edited into one everywhere.
pub(crate) async fn blank(cx: &mut Context<'_>, engine: &dyn FlowEngine) -> Result<Graph> {
    let Capabilities { multiple_triggers, .. } = engine.descriptor().capabilities;
    if multiple_triggers {
        return Ok(Graph::default());
    }
    let scope = cx.scope()?;
    let mut outward = cx.outward(Intent::none()).await?;
    let at = outward.tenancy(&scope, engine).await?;
    let catalog = outward.catalog(engine);
    let pieces = catalog.pieces(at.as_ref()).await?;
    let first = pieces.iter().find(|piece| piece.operations.iter().any(|known| known.kind == StepKind::Trigger));
    let piece = match first {
        Some(first) => catalog.piece(at.as_ref(), &first.name).await?,
        None => None,
    };
    let trigger = piece.and_then(|piece| {
        let operation = piece.operations.iter().find(|operation| operation.kind == StepKind::Trigger)?;
        let default = |field: &super::Field| Some((field.name.clone(), field.default.clone()?));
        Some(Step {
            id: "trigger".parse().ok()?,
            kind: StepKind::Trigger,
            name: operation.title.clone(),
            piece: piece.name.clone(),
            operation: operation.name.clone(),
            settings: operation.fields.iter().filter_map(default).collect::<serde_json::Map<String, Value>>(),
            connection: None,
            skip: false,
            on_error: OnError::Stop,
            retry: None,
            timeout_s: None,
            position: None,
        })
    });
    Ok(Graph { steps: trigger.into_iter().collect(), ..Graph::default() })
}

/// The credential of a remote engine behind a connection; an engine inside this process uses connections of ours.
pub(crate) async fn credential(
    cx: &mut Context<'_>,
    engine: &dyn FlowEngine,
    connection: ConnectionId,
) -> Result<Option<KnownCredential>> {
    match engine.host() {
        Host::Embedded(_) => Ok(None),
        Host::Remote(_) => {
            let known = known_credentials(cx.read().await?.engines(), &engine.descriptor().name).await?;
            let missing = || Error::invalid("connection", "is not there; choose another one");
            known.into_iter().find(|known| known.connection == connection).map(Some).ok_or_else(missing)
        }
    }
}

/// The next times at which a draft would start by itself; none when something else has to start it.
pub(crate) fn upcoming(cx: &Context<'_>, engine: &dyn FlowEngine, row: &FlowRow) -> Vec<Timestamp> {
    starts::upcoming(cx.now(), engine, row)
}

/// Whether there are external edits too, so that an open flow is to be looked at often.
pub(crate) fn is_watched(engine: &dyn FlowEngine) -> bool {
    match engine.host() {
        Host::Embedded(_) => false,
        Host::Remote(_) => true,
    }
}

/// Refuses a draft with open issues; which connections its steps use.
fn ready(row: &FlowRow, engine: &dyn FlowEngine) -> Result<Vec<(StepId, ConnectionId)>> {
    let issues = engine.lens().check(&row.document);
    if !issues.is_empty() {
        let refused =
            Error::new(Kind::Invalid, "not_ready", "The automation has open issues. Mend them, then publish.");
        let refused = issues.iter().fold(refused.with("issues", &issues), |error, issue| {
            let place = issue.step.as_ref().map_or("draft", |step| step.as_str());
            error.at(place, issue.message.clone())
        });
        return Err(refused);
    }
    let graph = engine.lens().view(&row.document)?;
    Ok(graph.steps.into_iter().filter_map(|step| Some((step.id, step.connection?))).collect())
}

/// Refuses steps whose connection is not there.
async fn must_exist(unit: &mut dyn UnitOfWork, engine: &dyn FlowEngine, used: &[(StepId, ConnectionId)]) -> Result<()> {
    let name = &engine.descriptor().name;
    for (step, connection) in used {
        let there = match engine.host() {
            Host::Embedded(_) => unit.connections().get(*connection).await?.is_some(),
            Host::Remote(_) => unit.engines().owned(name, ObjectKind::Connection, connection.uuid()).await?.is_some(),
        };
        if !there {
            let message = "A step uses a connection that is not there. Choose another one, then publish.";
            return Err(Error::new(Kind::Invalid, "not_ready", message)
                .at(format!("{step}.connection"), "is not there; choose another one"));
        }
    }
    Ok(())
}

/// Refuses another flow beyond the workspace's limit.
async fn within_limit(unit: &mut dyn UnitOfWork) -> Result<()> {
    let limit = unit.quotas().get(QuotaKey::Flows).await?;
    if let Some(limit) = limit
        && unit.flows().count().await? >= limit
    {
        return Err(exceeded(QuotaKey::Flows));
    }
    Ok(())
}

/// What is not published has nothing that could become live.
fn not_published() -> Error {
    Error::conflict("not_published", "Publish the automation first; what is not published cannot run.")
}
