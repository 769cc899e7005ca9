use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{UsedBy, remote, subject};
use crate::{
    ConnectionId, Error, Result,
    action::{Action, ActionSpec, Context, Method},
    audit::Subject,
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
        if cx.read().await?.connections().get(self.connection).await?.is_none() {
            return remote::delete(cx, self.connection).await;
        }
        let using = cx.write().await?.flows().using(self.connection).await?;
        unused(using.into_iter().map(|(id, name)| UsedBy { id, name }).collect())?;
        cx.write().await?.connections().remove(self.connection).await?;
        cx.tell("connection.changed", &subject(self.connection));
        Ok(())
    }
}

/// Refuses to take away what automations use.
pub(super) fn unused(used_by: Vec<UsedBy>) -> Result<()> {
    if used_by.is_empty() {
        return Ok(());
    }
    let message = "Automations use this connection. Take it out of them first.";
    Err(Error::conflict("in_use", message).with("used_by", used_by))
}
