//! People, their addresses and their sessions.

use std::{fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest, Sha256};

use unicode_normalization::is_nfkc;
use unicode_security::MixedScript as _;

use crate::{ActAsId, SessionId, Timestamp, UserId, WorkspaceId, readable::is_deceptive, workspace::Label};

/// An e-mail address in the form its owner writes it. Two that differ only in case are the same account.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Email(String);

/// A text that is not an e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an e-mail address like ada@example.com, in letters of one alphabet")]
pub struct EmailError;

impl Email {
    /// The address as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// An address that was accepted before, whatever is asked of new ones since: for stores, which read it back.
    ///
    /// # Errors
    /// When it never can have been one.
    pub fn kept(text: String) -> Result<Self, EmailError> {
        let (local, domain) = text.rsplit_once('@').ok_or(EmailError)?;
        let plain = |part: &str| {
            !part.is_empty()
                && !part
                    .contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '@' | '<' | '>' | ',' | '"'))
        };
        let fits = text.len() <= 254
            && local.len() <= 64
            && plain(local)
            && plain(domain)
            && domain.split('.').all(|label| !label.is_empty() && label.len() <= 63);
        if fits { Ok(Self(text)) } else { Err(EmailError) }
    }

    /// What accounts are told apart by.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl FromStr for Email {
    type Err = EmailError;
    fn from_str(text: &str) -> Result<Self, EmailError> {
        let text = text.trim();
        // What looks like another address must not be one: no invisible characters, no second spelling, no mixed alphabets.
        let plain = !text.chars().any(is_deceptive) && is_nfkc(text) && text.is_single_script();
        if plain { Self::kept(text.to_owned()) } else { Err(EmailError) }
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl<'de> Deserialize<'de> for Email {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Email {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Email".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "email", "maxLength": 254})
    }
}

/// The SHA-256 of a token. Tokens have 256 random bits, so nothing slower is needed; only this is ever stored.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash(pub [u8; 32]);

impl TokenHash {
    /// Hashes a token as it was presented.
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

/// A person as others may see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Person {
    /// Their id.
    pub id: UserId,
    /// What people read.
    pub name: Label,
    /// Their address.
    pub email: Email,
    /// Whether they run the instance.
    pub super_admin: bool,
}

/// An account of our own store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Who it is.
    pub person: Person,
    /// The Argon2id hash in PHC form.
    pub password_hash: PasswordHash,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A password hash in PHC form; never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// A signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub user: UserId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Timestamp,
    /// After this it is dead.
    pub expires_at: Timestamp,
    /// Until when acts that need a fresh password are open.
    pub stepped_up_until: Option<Timestamp>,
    /// The address it was made from.
    pub address: String,
    /// The browser it was made with.
    pub user_agent: String,
}

/// A period in which a super admin acts in a workspace that is not theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActAs {
    /// Its id, sent with each request.
    pub id: ActAsId,
    /// Who acts.
    pub user: UserId,
    /// Where.
    pub workspace: WorkspaceId,
    /// Why, shown to the workspace's admins.
    pub reason: String,
    /// After this it is over.
    pub expires_at: Timestamp,
}
