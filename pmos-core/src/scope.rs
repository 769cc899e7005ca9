//! Who acts, in which workspace, with which role.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ApiKeyId, UserId, WorkspaceId};

/// What a person may do in a workspace; each role holds everything the one before it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees everything but secrets.
    Viewer,
    /// Builds and runs automations.
    Member,
    /// Decides about people, secrets and limits.
    WorkspaceAdmin,
}

impl Role {
    /// The name used on the wire and in stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Member => "member",
            Self::WorkspaceAdmin => "workspace_admin",
        }
    }
}

impl std::str::FromStr for Role {
    type Err = serde::de::value::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::deserialize(serde::de::value::StrDeserializer::new(text))
    }
}

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A person by hand.
    Person(UserId),
    /// A program with a key; the person it belongs to, none for a service key.
    Key(ApiKeyId, Option<UserId>),
    /// An assistant on behalf of a person.
    Agent(UserId),
    /// PMOS itself, for a reason that stands in the audit.
    System(&'static str),
}

impl Actor {
    /// The person who answers for the act.
    pub fn person(self) -> Option<UserId> {
        match self {
            Self::Person(user) | Self::Agent(user) | Self::Key(_, Some(user)) => Some(user),
            Self::Key(_, None) | Self::System(_) => None,
        }
    }

    /// The kind used on the wire and in stores.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Person(_) => "person",
            Self::Key(..) => "api_key",
            Self::Agent(_) => "agent",
            Self::System(_) => "system",
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(user) | Self::Agent(user) => user.fmt(f),
            Self::Key(key, _) => key.fmt(f),
            Self::System(reason) => f.write_str(reason),
        }
    }
}

/// By which way a call came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A person in a browser.
    Browser,
    /// A program with an API key.
    ApiKey,
    /// The command line on the host.
    Cli,
    /// The program that embeds us.
    Rust,
    /// An assistant.
    Agent,
    /// A client of our MCP endpoint.
    Mcp,
    /// A schedule.
    Schedule,
}

impl Channel {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Browser, Self::ApiKey, Self::Cli, Self::Rust, Self::Agent, Self::Mcp, Self::Schedule];

    /// The name used in stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::ApiKey => "api_key",
            Self::Cli => "cli",
            Self::Rust => "rust",
            Self::Agent => "agent",
            Self::Mcp => "mcp",
            Self::Schedule => "schedule",
        }
    }

    /// Whether a machine decides what to do, so that risky acts wait for a person.
    pub fn is_autonomous(self) -> bool {
        matches!(self, Self::Agent | Self::Mcp | Self::Schedule)
    }
}

impl std::str::FromStr for Channel {
    type Err = serde::de::value::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::deserialize(serde::de::value::StrDeserializer::new(text))
    }
}

/// The right to act in one workspace. Every tenant-bound call takes it, and only this makes one:
/// [`Pmos::enter`](crate::Pmos::enter) after it has checked the membership. Forgetting the tenant does not compile.
///
/// ```compile_fail,E0451
/// use pmos_core::{Actor, Channel, Role, UserId, WorkspaceId, WorkspaceScope};
/// fn forge(workspace: WorkspaceId, user: UserId) -> WorkspaceScope {
///     WorkspaceScope { workspace, actor: Actor::Person(user), role: Role::WorkspaceAdmin, channel: Channel::Rust }
/// }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct WorkspaceScope {
    workspace: WorkspaceId,
    actor: Actor,
    role: Role,
    channel: Channel,
}

impl WorkspaceScope {
    pub(crate) fn new(workspace: WorkspaceId, actor: Actor, role: Role, channel: Channel) -> Self {
        Self { workspace, actor, role, channel }
    }

    /// The scope of PMOS itself. It holds every right, so it is made only where no person acts: deliveries,
    /// background work, founding a workspace.
    pub(crate) fn system(workspace: WorkspaceId, reason: &'static str) -> Self {
        Self::new(workspace, Actor::System(reason), Role::WorkspaceAdmin, Channel::Rust)
    }

    /// The workspace.
    pub fn workspace(&self) -> WorkspaceId {
        self.workspace
    }

    /// Who acts.
    pub fn actor(&self) -> Actor {
        self.actor
    }

    /// With which role.
    pub fn role(&self) -> Role {
        self.role
    }

    /// By which way.
    pub fn channel(&self) -> Channel {
        self.channel
    }
}
