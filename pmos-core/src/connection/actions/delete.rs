use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{UsedBy, subject};
use crate::{
    ConnectionId, Error, Result,
    action::{Action, ActionSpec, Cx, Method},
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

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        Cx::found(cx.unit().await?.connections().get(self.connection).await?)?;
        let using = cx.unit().await?.flows().using(self.connection).await?;
        if !using.is_empty() {
            let using: Vec<_> = using.into_iter().map(|(id, name)| UsedBy { id, name }).collect();
            let message = "Automations use this connection. Take it out of them first.";
            return Err(Error::conflict("in_use", message).with("used_by", using));
        }
        cx.unit().await?.connections().remove(self.connection).await?;
        cx.tell("connection.changed", &subject(self.connection));
        Ok(())
    }
}
