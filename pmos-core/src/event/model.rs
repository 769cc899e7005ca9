//! An event and who may see it.

use std::{borrow::Cow, sync::Arc};

use serde::Serialize;
use serde_json::value::RawValue;

use crate::{Actor, Role, Timestamp, UserId, WorkspaceScope, audit::Subject};

/// Who may see an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Everybody with at least this role.
    Role(Role),
    /// One person alone.
    Owner(UserId),
}

impl Audience {
    /// Whether the one who acts in `scope` may see it.
    pub fn admits(self, scope: &WorkspaceScope) -> bool {
        match self {
            Self::Role(least) => scope.role() >= least,
            Self::Owner(owner) => scope.actor().person() == Some(owner),
        }
    }
}

/// Something that happened, before the store gives it its number.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// As `flow.published`.
    pub kind: &'static str,
    /// Who may see it.
    pub audience: Audience,
    /// What is sent: `{"type","at","actor","object","data"?}`.
    pub body: Box<RawValue>,
}

#[derive(Serialize)]
struct Body<'a, T> {
    r#type: &'static str,
    at: Timestamp,
    actor: Who,
    object: &'a Subject,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a T>,
}

#[derive(Serialize)]
struct Who {
    kind: &'static str,
    id: String,
}

impl NewEvent {
    /// An event about `object` that every member of the workspace may see.
    pub fn new(kind: &'static str, at: Timestamp, actor: Actor, object: &Subject) -> Self {
        Self::with(kind, at, actor, object, None::<&()>)
    }

    /// The same with more to say; `data` must not hold secrets.
    pub fn with(
        kind: &'static str,
        at: Timestamp,
        actor: Actor,
        object: &Subject,
        data: Option<&impl Serialize>,
    ) -> Self {
        let body = Body { r#type: kind, at, actor: Who { kind: actor.kind(), id: actor.to_string() }, object, data };
        // Texts and numbers always have a JSON form; an event without details is better than a lost act.
        let body = serde_json::value::to_raw_value(&body).unwrap_or_default();
        Self { kind, audience: Audience::Role(Role::Viewer), body }
    }

    /// Narrows who may see it.
    #[must_use]
    pub fn only(mut self, audience: Audience) -> Self {
        self.audience = audience;
        self
    }
}

/// Something that happened, with its number.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its place in the workspace's log, from 1 without gaps.
    pub seq: u64,
    /// As `flow.published`.
    pub kind: String,
    /// Who may see it.
    pub audience: Audience,
    /// What is sent.
    pub body: Arc<RawValue>,
}

impl Event {
    /// Whether it changes which webhooks there are, or what they run.
    pub(crate) fn changes_what_is_live(&self) -> bool {
        matches!(self.kind.as_str(), "flow.published" | "flow.enabled" | "flow.disabled" | "flow.deleted")
    }
}

/// What a watcher gets: a numbered event, or progress that is shown once and read back elsewhere.
#[derive(Debug, Clone)]
pub enum Notice {
    /// A numbered event of the log.
    Logged(Event),
    /// Progress of a run or a conversation.
    Progress {
        /// As `run.step`.
        kind: Cow<'static, str>,
        /// The run or the conversation.
        object: Subject,
        /// What is sent.
        body: Arc<RawValue>,
    },
}
