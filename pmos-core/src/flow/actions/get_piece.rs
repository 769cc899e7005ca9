use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Result, Role,
    action::{Action, ActionSpec, Context, Method},
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
        let at = super::tenancy(cx, &**engine).await?;
        let piece = engine.catalog().piece(at.as_ref(), &self.piece).await?;
        Context::found(piece).map(|piece| Piece::clone(&piece))
    }
}
