use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Page, Result, Role,
    action::{Action, ActionSpec, Cx, Method},
    flow::{Operation, Piece, StepKind},
};

/// Lists what automations of an engine can be built of.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListPieces {
    /// The engine.
    pub engine: String,
    /// With this text in the title of a piece or operation.
    pub q: Option<String>,
    /// Only triggers or only actions.
    pub kind: Option<StepKind>,
}

/// A piece in a list.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PieceSummary {
    /// A slug, as `core`.
    pub name: String,
    /// What people read.
    pub title: String,
    /// An address of a picture, or the name of a built-in one.
    pub logo: Option<String>,
    /// What it is filed under.
    pub categories: Vec<String>,
    /// Its triggers and actions.
    pub operations: Vec<OperationSummary>,
}

/// An operation in a list.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct OperationSummary {
    /// A slug, as `http`.
    pub name: String,
    /// Whether it starts runs or takes part in them.
    pub kind: StepKind,
    /// What people read.
    pub title: String,
    /// What it does, in a sentence.
    pub help: String,
}

#[async_trait]
impl Action for ListPieces {
    const SPEC: ActionSpec =
        ActionSpec::read("pieces.list", Method::Get, "/engines/{engine}/pieces").role(Role::Viewer).agents();
    type Output = Page<PieceSummary>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Self::Output> {
        let engine = super::engine(cx, &self.engine)?;
        let pieces = engine.catalog().pieces().await?;
        let wanted = self.q.as_deref().unwrap_or_default().to_lowercase();
        let items = pieces.iter().filter_map(|piece| summary(piece, &wanted, self.kind)).collect();
        Ok(Page::whole(items))
    }
}

fn summary(piece: &Piece, wanted: &str, kind: Option<StepKind>) -> Option<PieceSummary> {
    let whole = piece.title.to_lowercase().contains(wanted);
    let fits = |operation: &&Operation| {
        kind.is_none_or(|kind| kind == operation.kind) && (whole || operation.title.to_lowercase().contains(wanted))
    };
    let operations: Vec<_> = piece
        .operations
        .iter()
        .filter(fits)
        .map(|Operation { name, kind, title, help, .. }| OperationSummary {
            name: name.clone(),
            kind: *kind,
            title: title.clone(),
            help: help.clone(),
        })
        .collect();
    (!operations.is_empty()).then(|| PieceSummary {
        name: piece.name.clone(),
        title: piece.title.clone(),
        logo: piece.logo.clone(),
        categories: piece.categories.clone(),
        operations,
    })
}
