use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    ApiKeyId, Page, Result, Role, Timestamp, UserId,
    action::{Action, ActionSpec, Channels, Context, Method},
    api_key::{ApiKey, KeyScope},
    workspace::Label,
};

/// Lists one's own API keys; an admin sees all of the workspace.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListApiKeys {
    /// How many at most, 1 to 200.
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A key without its secret.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct ApiKeyView {
    /// Its id.
    pub id: ApiKeyId,
    /// What people read.
    pub name: Label,
    /// Whose rights it has; none for a service key.
    pub owner: Option<UserId>,
    /// Whether it belongs to the workspace instead of a person.
    pub service: bool,
    /// What it may do.
    pub scopes: Vec<KeyScope>,
    /// The first characters of the secret.
    pub prefix: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// After this it is dead.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

impl From<ApiKey> for ApiKeyView {
    fn from(ApiKey { id, name, owner, scopes, prefix, created_at, expires_at, last_used_at }: ApiKey) -> Self {
        Self { id, name, service: owner.is_none(), owner, scopes, prefix, created_at, expires_at, last_used_at }
    }
}

#[async_trait]
impl Action for ListApiKeys {
    const SPEC: ActionSpec =
        ActionSpec::read("api_keys.list", Method::Get, "/api-keys").role(Role::Member).channels(Channels::HANDS);
    type Output = Page<ApiKeyView>;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let page = cx.page(self.limit, self.cursor.as_deref())?;
        let owner = (cx.scope()?.role() < Role::WorkspaceAdmin).then(|| cx.principal().owner());
        Ok(cx.read().await?.api_keys().list(owner, &page).await?.map(ApiKeyView::from))
    }
}
