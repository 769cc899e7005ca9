use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::subject;
use crate::{
    ConnectionId, Result,
    action::{Action, ActionSpec, Context, Method},
    audit::Subject,
    connection::hosting,
};

/// Deletes a stored credential that no automation uses.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteConnection {
    /// Which.
    pub connection: ConnectionId,
}

#[async_trait]
impl Action for DeleteConnection {
    const SPEC: ActionSpec =
        ActionSpec::destroy("connections.delete", Method::Delete, "/connections/{connection}").empty();
    type Output = ();

    fn subject(&self) -> Option<Subject> {
        Some(subject(self.connection))
    }

    async fn run(self, cx: &mut Context<'_>) -> Result<()> {
        hosting::delete(cx, self.connection).await
    }
}
