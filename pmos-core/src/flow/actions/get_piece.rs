use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Result, Role,
    action::{Action, ActionSpec, Context, Intent, Method},
    flow::Piece,
};

/// Shows a piece with its operations and their fields.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetPiece {
    /// The engine.
    pub engine: String,
    /// The piece; of a step what `forms` of its automation says, if it says something.
    pub piece: String,
}

#[async_trait]
impl Action for GetPiece {
    const SPEC: ActionSpec =
        ActionSpec::read("pieces.get", Method::Get, "/engines/{engine}/pieces/{piece}").role(Role::Viewer).agents();
    type Output = Piece;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let engine = super::engine(cx, &self.engine)?;
        let scope = cx.scope()?;
        let mut outward = cx.outward(Intent::none()).await?;
        let at = outward.tenancy(&scope, &**engine).await?;
        let piece = outward.catalog(&**engine).piece(at.as_ref(), &self.piece).await?;
        Context::found(piece).map(|piece| Piece::clone(&piece))
    }
}
