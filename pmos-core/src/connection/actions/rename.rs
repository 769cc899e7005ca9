use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ConnectionView, subject};
use crate::{
    ConnectionId, Result,
    action::{Action, ActionSpec, Context, Method},
    audit::Subject,
    connection::hosting,
    workspace::Label,
};

/// Gives a stored credential another name.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RenameConnection {
    /// Which.
    pub connection: ConnectionId,
    /// What people read.
    pub name: Label,
}

#[async_trait]
impl Action for RenameConnection {
    const SPEC: ActionSpec = ActionSpec::write("connections.rename", Method::Patch, "/connections/{connection}");
    type Output = ConnectionView;

    fn subject(&self) -> Option<Subject> {
        Some(subject(self.connection))
    }

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        hosting::rename(cx, self.connection, self.name).await
    }
}
