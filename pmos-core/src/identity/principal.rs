//! Who is calling, and what they brought.

use std::sync::Arc;

use super::{ActAs, Person, TokenHash, rights::Reading};
use crate::{
    Actor, ApiKeyId, Channel, Error, Id, Result, Role, SessionId, Timestamp, UserId, WorkspaceId, WorkspaceScope,
    api_key::KeyScope, vault::Secret, workspace::Membership,
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
#[non_exhaustive]
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

/// What a caller is recognised by again, as its rights may have changed since.
#[derive(Debug, Clone)]
pub(crate) enum Shown {
    /// The token of a session.
    Session(Secret),
    /// A key.
    Key(TokenHash),
    /// The embedding program vouched for this person.
    Vouched(UserId),
    /// Nothing, which gives no rights that could be lost.
    Nothing,
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
    pub(crate) shown: Shown,
    pub(crate) read: Reading,
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
            shown: Shown::Nothing,
            read: Reading::never(),
        }
    }

    /// The embedding program itself, as the admin of a workspace of its own.
    pub(crate) fn program(workspace: WorkspaceId) -> Self {
        Self {
            actor: Actor::System("the embedding program"),
            channel: Channel::Rust,
            way: Way::Vouched,
            memberships: [Membership { workspace, role: Role::WorkspaceAdmin }].into(),
            ..Self::unknown()
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

    /// The right to act in a workspace.
    ///
    /// # Errors
    /// `not_found` when it is not open to them.
    pub(crate) fn scope_in(&self, workspace: WorkspaceId) -> Result<WorkspaceScope> {
        let role = self.role_in(workspace).ok_or_else(Error::not_found)?;
        Ok(WorkspaceScope::new(workspace, self.actor, role, self.channel))
    }

    /// The right of a super admin to act in a workspace that is not theirs, for the time and the reason they gave.
    ///
    /// # Errors
    /// `not_found` when they did not say why they act there, or the time is over.
    pub(crate) fn scope_as(&self, visit: &ActAs, now: Timestamp) -> Result<WorkspaceScope> {
        if !self.super_admin || self.actor != Actor::Person(visit.user) || now >= visit.expires_at {
            return Err(Error::not_found());
        }
        Ok(WorkspaceScope::new(visit.workspace, self.actor, Role::WorkspaceAdmin, self.channel))
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
