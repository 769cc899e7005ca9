use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    ApiKeyId, Error, Result, Role,
    action::{Action, ActionSpec, Channels, Context, Method},
    audit::Subject,
};

/// Takes an API key away: one's own, or as an admin any of the workspace.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeApiKey {
    /// Which.
    pub key: ApiKeyId,
}

#[async_trait]
impl Action for RevokeApiKey {
    const SPEC: ActionSpec = ActionSpec::destroy("api_keys.revoke", Method::Delete, "/api-keys/{key}")
        .role(Role::Member)
        .channels(Channels::HANDS)
        .changes_rights()
        .empty();
    type Output = ();

    fn subject(&self) -> Option<Subject> {
        Some(Subject::new("api_key", self.key))
    }

    async fn run(self, cx: &mut Context<'_>) -> Result<()> {
        let key = Context::found(cx.write().await?.api_keys().get(self.key).await?)?;
        let own = key.owner == Some(cx.principal().owner());
        if !own && cx.scope()?.role() < Role::WorkspaceAdmin {
            return Err(Error::not_found());
        }
        cx.write().await?.api_keys().remove(self.key).await?;
        Ok(())
    }
}
