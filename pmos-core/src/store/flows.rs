use async_trait::async_trait;
use serde_json::value::RawValue;

use crate::{
    EditId, FlowId, Page, PageRequest, Result, RunId, Timestamp,
    flow::{Document, Remains},
    run::RunStatus,
    workspace::Label,
};

/// A flow as it is kept.
#[derive(Debug, Clone)]
pub struct FlowRow {
    /// Its id.
    pub id: FlowId,
    /// The engine whose document it is.
    pub engine: String,
    /// What people read.
    pub name: Label,
    /// Whether its triggers are live.
    pub enabled: bool,
    /// Counts the changes of the draft, from 1.
    pub revision: u64,
    /// The draft.
    pub document: Document,
    /// What keeps the draft from being published: a JSON array of issues.
    pub issues: Box<RawValue>,
    /// How many issues there are.
    pub issues_count: u32,
    /// The operation of its trigger, as `webhook`; none when there is none.
    pub trigger: Option<String>,
    /// The secret part of its webhook address.
    pub hook_token: String,
    /// The address that starts it, where the engine has one of its own.
    pub hook_url: Option<String>,
    /// The live version.
    pub published: Option<PublishedRow>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the draft or the state last changed.
    pub updated_at: Timestamp,
}

impl FlowRow {
    /// What an act that read this relies on.
    pub fn state(&self) -> FlowState {
        let published = self.published.map(|published| published.version);
        FlowState { revision: self.revision, published, enabled: self.enabled }
    }
}

/// Where a flow stands. Its writer compares this with what was read, so that nothing in between is overwritten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlowState {
    /// The revision of the draft.
    pub revision: u64,
    /// The version that is live.
    pub published: Option<u32>,
    /// Whether its triggers are live.
    pub enabled: bool,
}

/// Which version of a flow is live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublishedRow {
    /// Its number, from 1.
    pub version: u32,
    /// The newest revision of the draft that is the same.
    pub revision: u64,
    /// When it was made.
    pub at: Timestamp,
}

/// A flow in a list.
#[derive(Debug, Clone)]
pub struct FlowEntry {
    /// Its id.
    pub id: FlowId,
    /// The engine.
    pub engine: String,
    /// What people read.
    pub name: Label,
    /// Whether its triggers are live.
    pub enabled: bool,
    /// The revision of the draft.
    pub revision: u64,
    /// How many issues the draft has.
    pub issues_count: u32,
    /// The operation of its trigger.
    pub trigger: Option<String>,
    /// The live version.
    pub published: Option<PublishedRow>,
    /// When the draft or the state last changed.
    pub updated_at: Timestamp,
    /// Its newest run.
    pub last_run: Option<(RunId, RunStatus, Timestamp)>,
}

/// Which flows are asked for; an empty filter asks for all.
#[derive(Debug, Clone, Default)]
pub struct FlowFilter {
    /// Of this engine.
    pub engine: Option<String>,
    /// With this text in the name, upper and lower case alike.
    pub text: Option<String>,
    /// Live or not.
    pub enabled: Option<bool>,
    /// Whose newest run ended like this.
    pub last_status: Option<RunStatus>,
}

/// A published version.
#[derive(Debug, Clone)]
pub struct VersionRow {
    /// Its number, from 1.
    pub version: u32,
    /// The document as it runs.
    pub document: Document,
    /// The revision of the draft that it was made from.
    pub revision: u64,
    /// When it was made.
    pub at: Timestamp,
    /// Who made it.
    pub by: String,
    /// What they said about it.
    pub note: Option<String>,
}

/// A published version in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionEntry {
    /// Its number, from 1.
    pub version: u32,
    /// When it was made.
    pub at: Timestamp,
    /// Who made it.
    pub by: String,
    /// What they said about it.
    pub note: Option<String>,
}

/// A list of edits in the history of a draft.
#[derive(Debug, Clone)]
pub struct EditRow {
    /// Its id.
    pub id: EditId,
    /// The revision before.
    pub base: u64,
    /// The revision after; of edits that were not applied, the revision that they met.
    pub revision: u64,
    /// Who made it.
    pub author: String,
    /// What they said about it.
    pub note: Option<String>,
    /// The expanded edits, a JSON array.
    pub edits: Box<RawValue>,
    /// What takes them back, a JSON array.
    pub inverses: Box<RawValue>,
    /// What the engine kept of removed steps, to give back on undo; never shown.
    pub remains: Option<Remains>,
    /// Kept, but not applied: it could not be put together with what others did.
    pub conflict: bool,
    /// When.
    pub at: Timestamp,
}

/// The automations of the workspace.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait FlowRepository: Send {
    /// A page of flows, newest first; deleted ones are left out.
    async fn list(&mut self, filter: &FlowFilter, page: &PageRequest) -> Result<Page<FlowEntry>>;
    /// One flow that is not deleted.
    async fn get(&mut self, id: FlowId) -> Result<Option<FlowRow>>;
    /// Adds one.
    async fn insert(&mut self, flow: &FlowRow) -> Result<()>;
    /// Replaces everything but id, engine, hook token and the time it was made, if it still stands as in `base`.
    async fn update(&mut self, flow: &FlowRow, base: FlowState) -> Result<bool>;
    /// When it starts by itself next; none when it does not.
    async fn next_slot(&mut self, id: FlowId) -> Result<Option<Timestamp>>;
    /// Sets when it starts by itself next, of a flow that is not deleted.
    async fn plan(&mut self, id: FlowId, next: Option<Timestamp>) -> Result<()>;
    /// Moves on from a slot, if it is still the next one of a flow that is live: each slot is taken once.
    async fn take_slot(&mut self, id: FlowId, slot: Timestamp, next: Option<Timestamp>) -> Result<bool>;
    /// Marks it as deleted; the document is kept until it is purged.
    async fn delete(&mut self, id: FlowId, at: Timestamp) -> Result<bool>;
    /// How many are not deleted.
    async fn count(&mut self) -> Result<u64>;
    /// Keeps a published version.
    async fn insert_version(&mut self, flow: FlowId, version: &VersionRow) -> Result<()>;
    /// A published version, of deleted flows too: their runs still name it.
    async fn version(&mut self, flow: FlowId, version: u32) -> Result<Option<VersionRow>>;
    /// A page of the published versions, newest first.
    async fn versions(&mut self, flow: FlowId, page: &PageRequest) -> Result<Page<VersionEntry>>;
    /// Keeps a list of edits. A revision comes from one that was applied.
    async fn insert_edit(&mut self, flow: FlowId, edit: &EditRow) -> Result<()>;
    /// The lists of edits that were applied after a revision, oldest first, at most `limit`.
    async fn edits_after(&mut self, flow: FlowId, revision: u64, limit: u32) -> Result<Vec<EditRow>>;
    /// A page of all lists of edits, newest first; those that were not applied too.
    async fn edits(&mut self, flow: FlowId, page: &PageRequest) -> Result<Page<EditRow>>;
    /// One list of edits, applied or not.
    async fn edit(&mut self, flow: FlowId, edit: EditId) -> Result<Option<EditRow>>;
    /// The flows that are not deleted and whose draft or live version uses a connection.
    async fn using(&mut self, connection: crate::ConnectionId) -> Result<Vec<(FlowId, Label)>>;
}
