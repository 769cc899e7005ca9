//! What can be done with automations.

mod compare;
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
mod rename;
mod restore;
mod scope;
mod undo;
mod validate;
mod versions;
mod view;

pub use compare::CompareVersion;
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
pub use restore::RestoreVersion;
pub use scope::GetScope;
pub use undo::UndoEdit;
pub use validate::{ValidateFlow, Validity};
pub use versions::{ListVersions, VersionSummary};
pub use view::{FlowDetails, Published};

use std::sync::Arc;

use crate::{
    Error, FlowId, Result,
    action::{Context, Effect, Facts, Table},
    audit::Subject,
    flow::{Document, FlowEngine},
    store::FlowRow,
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
        .with::<GetScope>()
        .with::<PublishFlow>()
        .with::<ListVersions>()
        .with::<CompareVersion>()
        .with::<RestoreVersion>()
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

/// Of an engine without drafts every edit is live.
async fn effect_of_edits(facts: &Facts<'_>, flow: FlowId) -> Result<Effect> {
    Ok(if facts.engine_of(flow).await?.drafts { Effect::Draft } else { Effect::Write })
}

/// The flow and its engine.
async fn find(cx: &mut Context<'_>, flow: FlowId) -> Result<(FlowRow, Arc<dyn FlowEngine>)> {
    let row = Context::found(cx.read().await?.flows().get(flow).await?)?;
    let engine = cx.engines().get(&row.engine)?.clone();
    Ok((row, engine))
}

/// The document of a published version.
async fn version(cx: &mut Context<'_>, flow: FlowId, version: u32) -> Result<Document> {
    Ok(Context::found(cx.read().await?.flows().version(flow, version).await?)?.document)
}

/// The engine named in a path; one that is not here is as missing as any other object.
fn engine<'a>(cx: &Context<'a>, name: &str) -> Result<&'a Arc<dyn FlowEngine>> {
    cx.engines().get(name).map_err(|_| Error::not_found())
}
