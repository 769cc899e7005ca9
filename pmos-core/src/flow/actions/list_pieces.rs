use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Page, Result, Role,
    action::{Action, ActionSpec, Context, Intent, Method},
    flow::{OperationSummary, PieceSummary, StepKind},
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

#[async_trait]
impl Action for ListPieces {
    const SPEC: ActionSpec =
        ActionSpec::read("pieces.list", Method::Get, "/engines/{engine}/pieces").role(Role::Viewer).agents();
    type Output = Page<PieceSummary>;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let engine = super::engine(cx, &self.engine)?;
        let scope = cx.scope()?;
        let mut outward = cx.outward(Intent::none()).await?;
        let at = outward.tenancy(&scope, &**engine).await?;
        let pieces = outward.catalog(&**engine).pieces(at.as_ref()).await?;
        let wanted = self.q.as_deref().unwrap_or_default().to_lowercase();
        let items = pieces.iter().filter_map(|piece| summary(piece, &wanted, self.kind)).collect();
        Ok(Page::whole(items))
    }
}

fn summary(piece: &PieceSummary, wanted: &str, kind: Option<StepKind>) -> Option<PieceSummary> {
    let whole = piece.title.to_lowercase().contains(wanted);
    let fits = |operation: &&OperationSummary| {
        kind.is_none_or(|kind| kind == operation.kind) && (whole || operation.title.to_lowercase().contains(wanted))
    };
    let operations: Vec<_> = piece.operations.iter().filter(fits).cloned().collect();
    (!operations.is_empty()).then(|| PieceSummary { operations, ..piece.clone() })
}
