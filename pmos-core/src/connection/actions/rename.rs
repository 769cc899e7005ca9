use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ConnectionView, remote, subject, view::view};
use crate::{
    ConnectionId, Result,
    action::{Action, ActionSpec, Context, Method},
    audit::Subject,
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
        if cx.read().await?.connections().get(self.connection).await?.is_none() {
            return remote::change(cx, self.connection, Some(&self.name), None).await;
        }
        let mut sealed = Context::found(cx.write().await?.connections().sealed(self.connection).await?)?;
        sealed.connection.name = self.name;
        sealed.connection.updated_at = cx.now();
        cx.write().await?.connections().update(&sealed).await?;
        cx.tell("connection.changed", &subject(self.connection));
        view(cx, sealed.connection).await
    }
}
