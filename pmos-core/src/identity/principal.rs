//! Who is calling, and what they brought.

use std::sync::Arc;

use super::Person;
use crate::{
    Actor, ApiKeyId, Channel, Id, Role, SessionId, Timestamp, UserId, WorkspaceId, api_key::KeyScope, vault::Secret,
    workspace::Membership,
};

/// What a caller shows to be recognised.
#[derive(Debug, Clone, Copy)]
pub enum Presented<'a> {
    /// The token of a signed-in browser, or whatever the host's identity uses in its place.
    Session(&'a Secret),
    /// The secret of an API key.
    Key(&'a Secret),
}

/// How a caller came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// With a session.
    Session(Option<SessionId>),
    /// With an API key.
    Key {
        /// The key.
        id: ApiKeyId,
        /// The only workspace it opens.
        workspace: WorkspaceId,
        /// What its owner may do there.
        role: Role,
        /// What it may do.
        scopes: Vec<KeyScope>,
    },
    /// The embedding program vouched for them.
    Vouched,
    /// By showing nothing.
    Unknown,
}

/// A caller, as far as it is known.
#[derive(Debug, Clone)]
pub struct Principal {
    /// Who acts.
    pub actor: Actor,
    /// By which way the call comes in.
    pub channel: Channel,
    /// The person, none for a service key.
    pub person: Option<Person>,
    /// Whether they run the instance and came in with all their rights.
    pub super_admin: bool,
    /// How they came in.
    pub way: Way,
    pub(crate) memberships: Arc<[Membership]>,
    pub(crate) stepped_up_until: Option<Timestamp>,
}

impl Principal {
    /// A caller who shows nothing and may do only what anyone may.
    pub(crate) fn unknown() -> Self {
        Self {
            actor: Actor::System("not signed in"),
            channel: Channel::Browser,
            person: None,
            super_admin: false,
            way: Way::Unknown,
            memberships: [].into(),
            stepped_up_until: None,
        }
    }

    /// The session it came in with.
    pub fn session(&self) -> Option<SessionId> {
        match self.way {
            Way::Session(session) => session,
            Way::Key { .. } | Way::Vouched | Way::Unknown => None,
        }
    }

    /// The workspaces that are open to them.
    pub fn memberships(&self) -> &[Membership] {
        &self.memberships
    }

    /// What they may do in a workspace; none when it is not open to them.
    pub fn role_in(&self, workspace: WorkspaceId) -> Option<Role> {
        self.memberships.iter().find(|membership| membership.workspace == workspace).map(|membership| membership.role)
    }

    /// Whether they gave their password a short while ago. Those who hold the process itself need none.
    pub fn stepped_up(&self, now: Timestamp) -> bool {
        match self.channel {
            Channel::Cli | Channel::Rust => true,
            _ => self.stepped_up_until.is_some_and(|until| now < until),
        }
    }

    /// Whose lists are their own: the person, or the service key in a person's place.
    pub fn owner(&self) -> UserId {
        match (&self.person, &self.way) {
            (Some(person), _) => person.id,
            (None, Way::Key { id, .. }) => UserId::from_uuid(id.uuid()),
            (None, _) => UserId::from_uuid(uuid::Uuid::nil()),
        }
    }
}
