//! What can be done with automations.

mod create;
mod delete;
mod disable;
mod duplicate;
mod edit;
mod enable;
mod get;
mod get_credential_form;
mod get_piece;
mod history;
mod list;
mod list_pieces;
mod list_templates;
mod options;
mod publish;
mod remote;
mod rename;
mod undo;
mod validate;
mod view;

pub use create::CreateFlow;
pub use delete::DeleteFlow;
pub use disable::DisableFlow;
pub use duplicate::DuplicateFlow;
pub use edit::EditFlow;
pub use enable::EnableFlow;
pub use get::GetFlow;
pub use get_credential_form::GetCredentialForm;
pub use get_piece::GetPiece;
pub use history::{GetHistory, HistoryEntry};
pub use list::{FlowSummary, LastRun, ListFlows};
pub use list_pieces::ListPieces;
pub use list_templates::{ListTemplates, TemplateStep, TemplateSummary};
pub use options::GetOptions;
pub use publish::PublishFlow;
pub use rename::RenameFlow;
pub use undo::UndoEdit;
pub use validate::{ValidateFlow, Validity};
pub use view::{FlowDetails, Published};

use std::sync::Arc;

use crate::{
    Error, FlowId, Result,
    action::{Context, Table},
    audit::Subject,
    engine::Tenancy,
    flow::{Document, FlowEngine, Host, look_over},
    quota::{QuotaKey, exceeded},
    store::FlowRow,
    workspace::Label,
};

pub(crate) fn register(table: Table) -> Table {
    table
        .with::<ListFlows>()
        .with::<GetFlow>()
        .with::<CreateFlow>()
        .with::<EditFlow>()
        .with::<RenameFlow>()
        .with::<GetHistory>()
        .with::<UndoEdit>()
        .with::<ValidateFlow>()
        .with::<PublishFlow>()
        .with::<EnableFlow>()
        .with::<DisableFlow>()
        .with::<DuplicateFlow>()
        .with::<DeleteFlow>()
        .with::<ListPieces>()
        .with::<GetPiece>()
        .with::<GetCredentialForm>()
        .with::<GetOptions>()
        .with::<ListTemplates>()
}

fn subject(flow: FlowId) -> Subject {
    Subject::new("flow", flow)
}

/// The flow and its engine.
async fn find(cx: &mut Context<'_>, flow: FlowId) -> Result<(FlowRow, Arc<dyn FlowEngine>)> {
    let row = Context::found(cx.unit().await?.flows().get(flow).await?)?;
    let engine = cx.engines().get(&row.engine)?.clone();
    Ok((row, engine))
}

/// The engine named in a path; one that is not here is as missing as any other object.
fn engine<'a>(cx: &Context<'a>, name: &str) -> Result<&'a Arc<dyn FlowEngine>> {
    cx.engines().get(name).map_err(|_| Error::not_found())
}

/// The workspace's place at an engine outside, which its catalogue is asked with.
async fn tenancy(cx: &mut Context<'_>, engine: &dyn FlowEngine) -> Result<Option<Tenancy>> {
    let scope = cx.scope()?;
    cx.outward().await?.pmos().tenancy(&scope, engine).await
}

/// Writes a changed flow over the state it was read in.
async fn keep(cx: &mut Context<'_>, row: &FlowRow, base: u64) -> Result<()> {
    if cx.unit().await?.flows().update(row, base).await? {
        return Ok(());
    }
    Err(Error::conflict("conflict", "The automation was changed at the same time. Load it again and repeat."))
}

/// Adds a flow with this document, within the workspace's limit.
async fn add(cx: &mut Context<'_>, engine: &dyn FlowEngine, name: Label, document: Document) -> Result<FlowRow> {
    let unit = cx.unit().await?;
    let limit = unit.quotas().get(QuotaKey::Flows).await?;
    if let Some(limit) = limit
        && unit.flows().count().await? >= limit
    {
        return Err(exceeded(QuotaKey::Flows));
    }
    if let Host::Remote(_) = engine.host() {
        return remote::create(cx, engine, &name, &document).await;
    }
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
        hook_token: crate::run::new_hook_token(cx.clock())?,
        hook_url: None,
        published: None,
        created_at: cx.now(),
        updated_at: cx.now(),
    };
    let graph = engine.lens().view(&row.document)?;
    look_over(&mut row, engine, &graph)?;
    cx.unit().await?.flows().insert(&row).await?;
    cx.about(subject(row.id));
    cx.tell("flow.created", &subject(row.id));
    Ok(row)
}
