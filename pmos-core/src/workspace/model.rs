//! A workspace, its members and invitations.

use std::{fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};

use crate::{
    Email, InvitationId, Role, Timestamp, UserId, WorkspaceId,
    readable::{is_deceptive, is_visible},
};

/// A name that people gave: 1 to 100 visible characters on one line, without space at its ends.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Label(String);

/// A text that cannot be a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected 1 to 100 visible characters on one line, none of which hides or turns around the others")]
pub struct LabelError;

impl Label {
    /// The most characters a name has.
    pub const MOST: usize = 100;

    /// A name that was accepted before, whatever is asked of new ones since: for stores, which read it back.
    ///
    /// # Errors
    /// When it never can have been one.
    pub fn kept(text: String) -> Result<Self, LabelError> {
        let fits = (1..=Self::MOST).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        if fits { Ok(Self(text)) } else { Err(LabelError) }
    }

    /// For what came without a name.
    pub(crate) fn untitled() -> Self {
        Self("Untitled".to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Label {
    type Err = LabelError;
    fn from_str(text: &str) -> Result<Self, LabelError> {
        let text = text.trim();
        if text.chars().any(is_deceptive) || !is_visible(text) {
            return Err(LabelError);
        }
        Self::kept(text.to_owned())
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl<'de> Deserialize<'de> for Label {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Label {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Label".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "minLength": 1, "maxLength": 100})
    }
}

/// A workspace and its settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct WorkspaceProfile {
    /// Its id.
    pub id: WorkspaceId,
    /// What people read.
    pub name: Label,
    /// An IANA zone, as `Europe/Berlin`; times in lists and schedules are shown in it.
    pub time_zone: String,
    /// The engine of new automations.
    pub default_engine: String,
    /// How long runs are kept, in days.
    pub retention_days: u32,
    /// When it was founded.
    pub created_at: Timestamp,
}

/// How long runs are kept unless an admin says otherwise, in days.
const RETENTION: u32 = 30;

impl WorkspaceProfile {
    /// The settings of a new workspace: its times are shown in UTC, and its runs are kept for 30 days.
    pub fn new(id: WorkspaceId, name: Label, default_engine: impl Into<String>, created_at: Timestamp) -> Self {
        Self {
            id,
            name,
            time_zone: "UTC".to_owned(),
            default_engine: default_engine.into(),
            retention_days: RETENTION,
            created_at,
        }
    }
}

/// That a person belongs to a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// What they may do there.
    pub role: Role,
}

/// A person seen from the workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// The person.
    pub user: UserId,
    /// What they may do.
    pub role: Role,
    /// Since when.
    pub joined_at: Timestamp,
}

/// An offer to join, open until it is accepted, revoked or too old.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Only the account with this address may accept it.
    pub email: Email,
    /// The role it offers.
    pub role: Role,
    /// Who made it.
    pub invited_by: UserId,
    /// When it was made.
    pub created_at: Timestamp,
    /// After this it cannot be accepted.
    pub expires_at: Timestamp,
}

/// The name of a person's first workspace.
pub(crate) fn name_after(person: &Label) -> Label {
    let text = format!("{person}'s workspace");
    text.parse().unwrap_or_else(|_| person.clone())
}
