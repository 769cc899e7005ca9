use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ApiKeyView;
use crate::{
    Error, Result, Role, Timestamp,
    action::{Action, ActionSpec, Channels, Context, Method},
    api_key::{ApiKey, KeyScope},
    audit::Subject,
    event,
    identity::TokenHash,
    workspace::Label,
};

/// How much of a secret is shown to recognise it by.
const PREFIX: usize = 12;

/// Makes an API key.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateApiKey {
    /// What people read.
    pub name: Label,
    /// What it may do, as `flows.*` or `runs.list`; one's own role stays the ceiling.
    #[schemars(length(min = 1, max = 100))]
    pub scopes: Vec<KeyScope>,
    /// After this it is dead; never when left out.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// Belongs to the workspace instead of a person, with the rights of a member; for admins.
    #[serde(default)]
    pub service: bool,
}

/// A new key with its secret, which is shown this once.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct CreatedApiKey {
    /// The key.
    #[serde(flatten)]
    pub key: ApiKeyView,
    /// What programs send as `Authorization: Bearer …`.
    pub secret: String,
}

#[async_trait]
impl Action for CreateApiKey {
    const SPEC: ActionSpec = ActionSpec::write("api_keys.create", Method::Post, "/api-keys")
        .role(Role::Member)
        .channels(Channels::HANDS)
        .step_up()
        .shown_once()
        .created();
    type Output = CreatedApiKey;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        if !(1..=100).contains(&self.scopes.len()) {
            return Err(Error::invalid("scopes", "name 1 to 100 scopes, as flows.*"));
        }
        let actions = cx.table().iter().filter(|entry| entry.spec.takes_keys()).map(|entry| entry.spec.name);
        let names: Vec<_> = actions.chain([event::WATCH]).collect();
        for (at, scope) in self.scopes.iter().enumerate() {
            if !names.iter().any(|name| scope.covers(name)) {
                let field = format!("scopes[{at}]");
                return Err(Error::invalid(field, format!("{} covers no action that a key may call", scope.as_str())));
            }
        }
        if self.expires_at.is_some_and(|end| end <= cx.now()) {
            return Err(Error::invalid("expires_at", "must lie in the future"));
        }
        if cx.is_visiting() {
            return Err(Error::forbidden("A key would outlive the visit. The workspace's own people make its keys."));
        }
        if self.service && cx.scope()?.role() < Role::WorkspaceAdmin {
            return Err(Error::forbidden("Service keys are made by an admin of the workspace."));
        }
        let mut bytes = zeroize::Zeroizing::new([0_u8; 32]);
        cx.clock().random(bytes.as_mut())?;
        let secret = format!("pmos_{}", hex::encode(*bytes));
        let key = ApiKey {
            id: cx.new_id()?,
            name: self.name,
            owner: (!self.service).then(|| cx.principal().owner()),
            scopes: self.scopes,
            prefix: secret.chars().take(PREFIX).collect(),
            created_at: cx.now(),
            expires_at: self.expires_at,
            last_used_at: None,
        };
        cx.write().await?.api_keys().insert(&key, TokenHash::of(&secret)).await?;
        cx.about(Subject::new("api_key", key.id));
        Ok(CreatedApiKey { key: key.into(), secret })
    }
}
