//! What the table knows about an action before it is called.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{Channel, Role, effect::Effect};

/// What an action needs to know where it acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// One person, in no workspace.
    Person,
    /// One workspace; its routes begin with `/api/v1/workspaces/{w}`.
    Workspace,
    /// The whole instance. To anybody who is not a super admin these routes do not exist.
    Instance,
}

/// The least a caller must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Anyone, signed in or not.
    Anyone,
    /// Anyone who is signed in.
    SignedIn,
    /// A member with at least this role in the workspace.
    Role(Role),
    /// A person who runs the instance.
    SuperAdmin,
}

impl PartialOrd for Permission {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        let rank = |permission: &Self| match permission {
            Self::Anyone => 0,
            Self::SignedIn => 1,
            Self::Role(role) => 2 + *role as u8,
            Self::SuperAdmin => 9,
        };
        rank(self).partial_cmp(&rank(other))
    }
}

/// By which ways an action may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Channels(u8);

impl Channels {
    /// People in a browser, the command line and the embedding program.
    pub const HANDS: Self = Self::of(&[Channel::Browser, Channel::Cli, Channel::Rust]);
    /// Those and programs with a key.
    pub const PROGRAMS: Self = Self::HANDS.and(Channel::ApiKey);
    /// Those and assistants, MCP clients and schedules.
    pub const ALL: Self = Self::of(&Channel::ALL);

    const fn of(channels: &[Channel]) -> Self {
        let mut set = Self(0);
        let mut at = 0;
        while at < channels.len() {
            set = set.and(channels[at]);
            at += 1;
        }
        set
    }

    const fn and(self, channel: Channel) -> Self {
        Self(self.0 | 1 << channel as u8)
    }

    /// Whether this way is open.
    pub const fn admit(self, channel: Channel) -> bool {
        self.0 & (1 << channel as u8) != 0
    }
}

/// How a route is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// What a done act answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Success {
    /// 200 with the output.
    Ok,
    /// 201 with the output.
    Created,
    /// 204 without a body.
    Empty,
}

/// What the table knows about an action: its name for good, who may, by which ways, what it does, how it is reached.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact that stands by itself")]
pub struct ActionSpec {
    /// Noun and verb, as `flows.publish`; audit records and key scopes use it.
    pub name: &'static str,
    /// What it needs to know where it acts.
    pub reach: Reach,
    /// The least a caller must be.
    pub permission: Permission,
    /// By which ways it may be called.
    pub channels: Channels,
    /// What it does to the world, at most.
    pub effect: Effect,
    /// Whether it brings what is kept of a remote engine up to date, beside what it does.
    pub refreshes: bool,
    /// Whether it changes who may do what: what is believed of callers is forgotten with its commit, and open streams look
    /// again.
    pub changes_rights: bool,
    /// Whether a key may call it whatever its scopes.
    pub any_key: bool,
    /// Whether a person must have given their password within ten minutes.
    pub step_up: bool,
    /// Whether its output holds a secret that is shown once and never remembered.
    pub shown_once: bool,
    /// How its route is called.
    pub method: Method,
    /// Its path; in a workspace relative to it.
    pub path: &'static str,
    /// What a done act answers.
    pub success: Success,
}

impl ActionSpec {
    const fn new(effect: Effect, name: &'static str, method: Method, path: &'static str) -> Self {
        Self {
            name,
            reach: Reach::Workspace,
            permission: Permission::Role(Role::WorkspaceAdmin),
            channels: Channels::PROGRAMS,
            effect,
            refreshes: false,
            changes_rights: false,
            any_key: false,
            step_up: false,
            shown_once: false,
            method,
            path,
            success: Success::Ok,
        }
    }

    /// An act in a workspace that changes nothing. Unless said otherwise it is for its admins.
    pub const fn read(name: &'static str, method: Method, path: &'static str) -> Self {
        Self::new(Effect::Read, name, method, path)
    }

    /// An act in a workspace that changes only what is not live.
    pub const fn draft(name: &'static str, method: Method, path: &'static str) -> Self {
        Self::new(Effect::Draft, name, method, path)
    }

    /// An act in a workspace with a live effect.
    pub const fn write(name: &'static str, method: Method, path: &'static str) -> Self {
        Self::new(Effect::Write, name, method, path)
    }

    /// An act in a workspace that loses something.
    pub const fn destroy(name: &'static str, method: Method, path: &'static str) -> Self {
        Self::new(Effect::Destructive, name, method, path)
    }

    /// Open to this role and those above it.
    #[must_use]
    pub const fn role(mut self, least: Role) -> Self {
        self.permission = Permission::Role(least);
        self
    }

    /// Not in a workspace but for one person, anyone who is signed in.
    #[must_use]
    pub const fn person(mut self) -> Self {
        self.reach = Reach::Person;
        self.permission = Permission::SignedIn;
        self
    }

    /// For those too who are not signed in. Only reading is.
    #[must_use]
    pub const fn anyone(mut self) -> Self {
        self.permission = Permission::Anyone;
        self.channels = Channels::PROGRAMS;
        self
    }

    /// Whether an API key can ever call it.
    pub fn takes_keys(&self) -> bool {
        // A key never carries the rights of a super admin.
        self.channels.admit(Channel::ApiKey) && self.reach != Reach::Instance
    }

    /// Open to every key, whatever its scopes.
    #[must_use]
    pub const fn any_key(mut self) -> Self {
        self.any_key = true;
        self
    }

    /// Changes who may do what.
    #[must_use]
    pub const fn changes_rights(mut self) -> Self {
        self.changes_rights = true;
        self
    }

    /// For the whole instance and its super admins.
    #[must_use]
    pub const fn instance(mut self) -> Self {
        self.reach = Reach::Instance;
        self.permission = Permission::SuperAdmin;
        self.channels = Channels::HANDS;
        self
    }

    /// Open to these ways only.
    #[must_use]
    pub const fn channels(mut self, channels: Channels) -> Self {
        self.channels = channels;
        self
    }

    /// Open to assistants, MCP clients and schedules too; what is risky waits for a person.
    #[must_use]
    pub const fn agents(self) -> Self {
        self.channels(Channels::ALL)
    }

    /// Brings what is kept of a remote engine up to date, though it only reads.
    #[must_use]
    pub const fn refreshes(mut self) -> Self {
        self.refreshes = true;
        self
    }

    /// Needs a fresh password.
    #[must_use]
    pub const fn step_up(mut self) -> Self {
        self.step_up = true;
        self
    }

    /// Answers with a secret that is shown once.
    #[must_use]
    pub const fn shown_once(mut self) -> Self {
        self.shown_once = true;
        self
    }

    /// Answers 201.
    #[must_use]
    pub const fn created(mut self) -> Self {
        self.success = Success::Created;
        self
    }

    /// Answers 204.
    #[must_use]
    pub const fn empty(mut self) -> Self {
        self.success = Success::Empty;
        self
    }

    /// The whole path of the route.
    pub fn full_path(&self) -> String {
        match self.reach {
            Reach::Workspace => format!("/api/v1/workspaces/{{w}}{}", self.path.trim_end_matches('/')),
            Reach::Person | Reach::Instance => self.path.to_owned(),
        }
    }
}
