//! A key and what it may do.

use std::{fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};

use crate::{ApiKeyId, Timestamp, UserId, workspace::Label};

/// What a key may do: one action, as `flows.get`, or all of a noun, as `flows.*`. Its owner's role stays the ceiling.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct KeyScope(String);

/// A text that is not a scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a scope like flows.get or flows.*")]
pub struct KeyScopeError;

impl KeyScope {
    /// Whether the action of this name is covered.
    pub fn covers(&self, action: &str) -> bool {
        match self.0.strip_suffix('*') {
            Some(noun) => action.starts_with(noun),
            None => self.0 == action,
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyScope {
    type Err = KeyScopeError;
    fn from_str(text: &str) -> Result<Self, KeyScopeError> {
        let (noun, verb) = text.rsplit_once('.').ok_or(KeyScopeError)?;
        let word =
            |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b'.'));
        let fits = text.len() <= 64 && word(noun) && (verb == "*" || word(verb));
        if fits { Ok(Self(text.to_owned())) } else { Err(KeyScopeError) }
    }
}

impl fmt::Debug for KeyScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl<'de> Deserialize<'de> for KeyScope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for KeyScope {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "KeyScope".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": r"^[a-z_]+(\.[a-z_]+)*\.(\*|[a-z_]+)$"})
    }
}

/// A key; the secret itself is shown once and never stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// What people read.
    pub name: Label,
    /// Whose rights it has; none for a service key, which has those of a member.
    pub owner: Option<UserId>,
    /// What it may do.
    pub scopes: Vec<KeyScope>,
    /// The first characters of the secret, to recognise it by.
    pub prefix: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// After this it is dead.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}
