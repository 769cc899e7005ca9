use async_trait::async_trait;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::{
    Result, Timestamp,
    engine::{EngineState, ExternalId, Fact, Wall},
    vault::Sealed,
};

/// A workspace's tenancy at a remote engine, as it is kept.
#[derive(Debug, Clone)]
pub struct TenancyRow {
    /// The engine.
    pub engine: String,
    /// The server, as in [`Tenancy::instance`](crate::engine::Tenancy::instance).
    pub instance: String,
    /// What keeps it apart.
    pub wall: Wall,
    /// What opens it, sealed for the place `tenancy` and the engine's name.
    pub access: Sealed,
    /// How it stood when it was last looked at.
    pub state: EngineState,
    /// What was found then.
    pub facts: Vec<Fact>,
    /// The version of the server.
    pub version: Option<String>,
    /// Where the next look at its runs goes on.
    pub runs_after: Option<String>,
    /// When the workspace got it.
    pub connected_at: Timestamp,
}

impl TenancyRow {
    /// When it was last looked at.
    pub fn as_of(&self) -> Timestamp {
        self.facts.iter().map(|fact| fact.at).max().unwrap_or(self.connected_at)
    }
}

/// What kind of object belongs to a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectKind {
    /// A flow.
    Flow,
    /// A run.
    Run,
    /// A credential that the engine keeps.
    Connection,
}

impl ObjectKind {
    /// The name used in stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Flow => "flow",
            Self::Run => "run",
            Self::Connection => "connection",
        }
    }
}

/// An object at a remote engine that belongs to the workspace.
#[derive(Debug, Clone)]
pub struct OwnedObject {
    /// What kind it is.
    pub kind: ObjectKind,
    /// Our id.
    pub id: Uuid,
    /// The engine's id.
    pub external: ExternalId,
    /// What it was when it was last seen, in the form of its kind: a stamp, a name. Nothing secret.
    pub seen: Box<RawValue>,
    /// When it was last seen to change.
    pub at: Timestamp,
}

/// The workspace's tenancies at remote engines, and which of their objects are its own.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait EngineRepository: Send {
    /// All places, by the name of the engine.
    async fn tenancies(&mut self) -> Result<Vec<TenancyRow>>;
    /// The place at one engine.
    async fn tenancy(&mut self, engine: &str) -> Result<Option<TenancyRow>>;
    /// Keeps a place, over the one that was there. On another server it begins without objects.
    async fn put_tenancy(&mut self, tenancy: &TenancyRow) -> Result<()>;
    /// Gives a place up, with everything the map says of its objects.
    async fn remove_tenancy(&mut self, engine: &str) -> Result<bool>;

    /// Writes down that an object of this engine is the workspace's, or what was last seen of it; `false`, and nothing
    /// changed, when an object of the same server, kind and external id belongs to another workspace or is known under
    /// another of our ids, or when there is no place. Our id may come to stand for another object of the engine.
    async fn claim(&mut self, engine: &str, object: &OwnedObject) -> Result<bool>;
    /// An object by our id.
    async fn owned(&mut self, engine: &str, kind: ObjectKind, id: Uuid) -> Result<Option<OwnedObject>>;
    /// An object by the engine's id.
    async fn owned_as(&mut self, engine: &str, kind: ObjectKind, external: &ExternalId) -> Result<Option<OwnedObject>>;
    /// All objects of a kind, in order of our ids.
    async fn all_owned(&mut self, engine: &str, kind: ObjectKind) -> Result<Vec<OwnedObject>>;
    /// Forgets an object.
    async fn release(&mut self, engine: &str, kind: ObjectKind, id: Uuid) -> Result<bool>;
}
