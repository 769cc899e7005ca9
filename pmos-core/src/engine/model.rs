//! A workspace's tenancy at a remote engine, and what can be said about it.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ConnectionId, Timestamp, WorkspaceId, vault::Secret};

/// What a workspace needs to act at a remote engine. Opened from the vault for the calls of one act.
#[derive(Debug, Clone)]
pub struct Tenancy {
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// The server, in a form that is the same however people write its address. Objects of one server never belong to
    /// two workspaces.
    pub instance: String,
    /// What keeps it apart from others on the same server.
    pub wall: Wall,
    /// What the adapter needs to sign in, in its own form.
    pub access: Secret,
}

/// What keeps a workspace apart from others on the same server, from strong to weak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Wall {
    /// A server of its own.
    Instance,
    /// A project of its own on a shared server.
    Project,
    /// A user of its own on a shared server.
    User,
    /// A key that the workspace brought itself; what it reaches is for its owner to know.
    OwnKey,
    /// A key shared with others; only we keep them apart.
    SharedKey,
}

impl Wall {
    /// The name used on the wire and in stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Instance => "instance",
            Self::Project => "project",
            Self::User => "user",
            Self::OwnKey => "own_key",
            Self::SharedKey => "shared_key",
        }
    }
}

impl FromStr for Wall {
    type Err = serde::de::value::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::deserialize(serde::de::value::StrDeserializer::new(text))
    }
}

/// How a remote engine stands for a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EngineState {
    /// It can be worked with.
    Ready,
    /// A person has to do something first; the facts say what.
    ActionNeeded,
    /// It does not answer.
    Unreachable,
}

impl EngineState {
    /// What follows from the facts: unreachable before anything else, then whatever is not as it should be.
    pub fn of(facts: &[Fact]) -> Self {
        let wrong = |name| facts.iter().any(|fact| fact.name == name && fact.ok == Some(false));
        if wrong(FactName::Reachable) {
            Self::Unreachable
        } else if facts.iter().all(|fact| fact.ok == Some(true)) {
            Self::Ready
        } else {
            Self::ActionNeeded
        }
    }

    /// The name used on the wire and in stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::ActionNeeded => "action_needed",
            Self::Unreachable => "unreachable",
        }
    }
}

impl FromStr for EngineState {
    type Err = serde::de::value::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::deserialize(serde::de::value::StrDeserializer::new(text))
    }
}

/// One thing that must be true before a workspace can work with an engine or a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fact {
    /// Which.
    pub name: FactName,
    /// Whether it is so; none when that could not be found out.
    pub ok: Option<bool>,
    /// What that means, in plain words.
    pub message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// When it was last looked at.
    pub at: Timestamp,
}

/// What must be true before a workspace can work with an engine or a model, in the order in which it is found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FactName {
    /// An address and a key are known.
    Configured,
    /// The server answers.
    Reachable,
    /// It takes the key.
    KeyValid,
    /// The workspace has its tenancy there.
    WorkspaceReady,
    /// It is a version we know how to speak to.
    VersionSupported,
    /// A model answers.
    Answers,
    /// The model calls tools.
    ToolsWork,
}

impl FactName {
    /// Those of providers of models, in that order.
    pub const OF_MODELS: [Self; 5] =
        [Self::Configured, Self::Reachable, Self::KeyValid, Self::Answers, Self::ToolsWork];

    /// Those of engines, in that order.
    pub const OF_ENGINES: [Self; 5] =
        [Self::Configured, Self::Reachable, Self::KeyValid, Self::WorkspaceReady, Self::VersionSupported];
}

/// The id of an object at a remote engine. Opaque; never shown to people.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExternalId(String);

impl ExternalId {
    /// Takes what the engine said.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ExternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ExternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// A credential that the engine keeps, as the workspace's flows may name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownCredential {
    /// Our id of it.
    pub connection: ConnectionId,
    /// The engine's id.
    pub external: ExternalId,
    /// The engine's name for its kind, as `httpHeaderAuth`.
    pub kind: String,
    /// What people read.
    pub name: String,
}

/// How an engine stood when it was last looked at.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct HealthFact {
    /// What people call the engine.
    pub name: String,
    /// Whether it can be worked with.
    pub ok: bool,
    /// How it stands, in plain words.
    pub message: String,
    /// When it was looked at.
    pub at: Timestamp,
}
