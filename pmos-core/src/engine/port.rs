//! What a remote engine offers: where its flows, runs and credentials live.

#![cfg_attr(feature = "testkit", allow(clippy::ref_option_ref, reason = "the form in which mockall keeps arguments"))]
#![allow(clippy::needless_lifetimes, reason = "mockall wants lifetimes of what is returned named")]

use std::fmt;

use async_trait::async_trait;
use futures::stream::BoxStream;
use serde_json::{Map, Value};

use super::{ExternalId, Health, OwnCredentials, Tenancy};
use crate::{
    Error, Result, RunId, Timestamp, WorkspaceId,
    flow::{Document, Field},
    run::{RunStatus, StepRecord, StepRun, TriggerKind},
    vault::Secret,
};

/// How a workspace comes to its tenancy.
#[derive(Debug, Clone)]
pub enum Provisioning {
    /// On the server of the operator, in a tenancy that is made for it.
    Managed,
    /// With an address and what opens it, of its own.
    OwnCredentials(OwnCredentials),
}

/// A flow as the engine has it.
#[derive(Debug, Clone)]
pub struct RemoteFlow {
    /// The engine's id.
    pub id: ExternalId,
    /// What people read.
    pub name: String,
    /// The draft.
    pub document: Document,
    /// Changes whenever anything of the flow changes, as far as the engine can tell. Opaque.
    pub stamp: String,
    /// Whether its triggers are live.
    pub enabled: bool,
    /// What is live, or was published last.
    pub published: Option<RemoteVersion>,
    /// The address that starts it, when its trigger is a webhook.
    pub hook_url: Option<String>,
}

/// A published version as the engine has it.
#[derive(Debug, Clone)]
pub struct RemoteVersion {
    /// The engine's id of it.
    pub id: ExternalId,
    /// What runs.
    pub document: Document,
}

/// A flow in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteEntry {
    /// The engine's id.
    pub id: ExternalId,
    /// As in [`RemoteFlow::stamp`], as far as the list tells; the same stamp means that nothing changed.
    pub stamp: String,
}

/// What became of a document that was sent.
#[derive(Debug, Clone)]
pub enum Stored {
    /// The engine has it; or had it, before it was changed further. Then this is what was there with our write, and
    /// its stamp one that the next look finds outdated.
    Done(RemoteFlow),
    /// What was sent is not there: the flow was changed before, so that nothing was sent, or wrote over it at once.
    /// This is what is there now.
    Overtaken(RemoteFlow),
    /// It is there, but between our last look and our write `lost` was written at the engine.
    Overwrote {
        /// As when it is done.
        now: RemoteFlow,
        /// What was written there and our write covered.
        lost: Document,
    },
}

/// A run that is to be started at a remote engine.
#[derive(Debug, Clone)]
pub struct RemoteStart {
    /// Our id, for engines that can carry it.
    pub run: RunId,
    /// What the trigger gives.
    pub input: Value,
    /// Run the draft instead of the live version.
    pub draft: bool,
}

/// What an engine tells of a run while it is at work, as it happens: each step when it begins and again when it ends, or
/// changes in between. Cleaned as in [`RemoteRunDetails::steps`]. Ends with the run, or when no more will be heard of it.
pub type LiveSteps = BoxStream<'static, StepRecord>;

/// A run that was begun at a remote engine.
pub struct Begun {
    /// The engine's id of it, when it says so.
    pub run: Option<ExternalId>,
    /// Its steps while it is at work, when the engine tells of them.
    pub steps: Option<LiveSteps>,
}

impl From<Option<ExternalId>> for Begun {
    /// Its steps are told when it has ended.
    fn from(run: Option<ExternalId>) -> Self {
        Self { run, steps: None }
    }
}

impl fmt::Debug for Begun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Begun").field("run", &self.run).field("steps", &self.steps.is_some()).finish()
    }
}

/// A run as the engine has it.
#[derive(Debug, Clone)]
pub struct RemoteRun {
    /// The engine's id.
    pub id: ExternalId,
    /// Whose run it is.
    pub flow: ExternalId,
    /// Our id, when the run carries it.
    pub ours: Option<RunId>,
    /// The published version it runs, as in [`RemoteVersion::id`].
    pub version: Option<ExternalId>,
    /// How far it is.
    pub status: RunStatus,
    /// What made it start.
    pub trigger: TriggerKind,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Why it failed, in plain language and without anything secret.
    pub error: Option<String>,
}

/// Some runs, oldest change first.
#[derive(Debug, Clone)]
pub struct RemoteRuns {
    /// The runs that are new or at work.
    pub runs: Vec<RemoteRun>,
    /// Where the next look goes on; opaque.
    pub next: String,
    /// Whether there is more at once.
    pub more: bool,
}

/// A run with its steps.
#[derive(Debug, Clone)]
pub struct RemoteRunDetails {
    /// The run.
    pub run: RemoteRun,
    /// Its steps in the order they began; cleaned of headers, tokens, stack traces and paths of the server.
    pub steps: Vec<StepRun>,
    /// What it answered.
    pub result: Option<Value>,
}

/// A credential that the engine shall keep.
#[derive(Debug, Clone)]
pub struct NewCredential {
    /// The engine's name for its kind.
    pub kind: String,
    /// What people read.
    pub name: String,
    /// The values of its fields: a JSON object.
    pub values: Secret,
}

/// A credential as the engine has it, without its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteCredential {
    /// The engine's id.
    pub id: ExternalId,
    /// The engine's name for its kind.
    pub kind: String,
    /// What people read.
    pub name: String,
}

/// A remote engine: where flows and runs of a workspace live.
///
/// Every call is bounded in time and memory, and fails with one of a closed set of errors in plain language; what the
/// engine itself said stays in the logs. An object that is not the workspace's is `None` or `not_found`, as if it were
/// not there, also when the engine would give it.
///
/// What only some engines can do is a trait of its own, reached by a method that gives nothing unless it is overridden.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait FlowHost: Send + Sync {
    /// Makes or finds the workspace's tenancy. Repeating it finds what was made; what was half made is taken away again.
    ///
    /// # Errors
    /// `unsupported` for a way this engine does not have; `invalid_input` for an address that is none; `upstream` kinds.
    async fn join(&self, workspace: WorkspaceId, how: &Provisioning) -> Result<Tenancy>;

    /// Looks how things stand. What goes wrong is a fact, not an error.
    async fn check(&self, tenancy: &Tenancy) -> Health;

    /// Gives the tenancy up. What was provisioned is taken away with the workspace's `flows`; what the workspace brought
    /// itself is left as it is.
    ///
    /// # Errors
    /// When the engine does not answer; it may be repeated.
    async fn release(&self, tenancy: &Tenancy, flows: &[ExternalId]) -> Result<()>;

    /// All flows of the workspace.
    ///
    /// # Errors
    /// `upstream` kinds.
    async fn flows(&self, tenancy: &Tenancy) -> Result<Vec<RemoteEntry>>;

    /// One flow; none when it is not there any more.
    ///
    /// # Errors
    /// `upstream` kinds.
    async fn fetch(&self, tenancy: &Tenancy, flow: &ExternalId) -> Result<Option<RemoteFlow>>;

    /// Makes a flow, not published.
    ///
    /// # Errors
    /// `invalid_input` for what this engine cannot hold; `upstream` kinds.
    async fn create(&self, tenancy: &Tenancy, name: &str, document: &Document) -> Result<RemoteFlow>;

    /// Replaces name and draft, if the flow still is what `base` says; what is live stays live. Looks again afterwards.
    ///
    /// # Errors
    /// `invalid_input` for what this engine cannot hold; `upstream` kinds.
    async fn store(&self, tenancy: &Tenancy, base: &RemoteFlow, name: &str, document: &Document) -> Result<Stored>;

    /// Makes the draft the live version, and with `enable` the flow live; returns once that is true, or says in
    /// [`RemoteFlow::enabled`] that it is not yet.
    ///
    /// # Errors
    /// `not_ready` with what the engine wants first; `conflict` for an address that is taken; `upstream` kinds.
    async fn publish<'a>(
        &self,
        tenancy: &Tenancy,
        flow: &ExternalId,
        enable: bool,
        note: Option<&'a str>,
    ) -> Result<RemoteFlow>;

    /// Starts or stops the triggers; returns once that is true.
    ///
    /// # Errors
    /// As [`FlowHost::publish`].
    async fn set_enabled<'a>(
        &self,
        tenancy: &Tenancy,
        flow: &ExternalId,
        version: Option<&'a ExternalId>,
        enabled: bool,
    ) -> Result<RemoteFlow>;

    /// Deletes a flow; one that is not there any more is deleted already.
    ///
    /// # Errors
    /// `upstream` kinds.
    async fn delete(&self, tenancy: &Tenancy, flow: &ExternalId) -> Result<()>;

    /// Starts a run.
    ///
    /// # Errors
    /// `not_published`; `unsupported` for an input or trigger that it cannot start with; `upstream` kinds. That its steps
    /// cannot be told is none.
    async fn start(&self, tenancy: &Tenancy, flow: &ExternalId, order: &RemoteStart) -> Result<Begun>;

    /// Runs since the last look, none for the first; those at work every time.
    ///
    /// # Errors
    /// `upstream` kinds.
    async fn runs<'a>(&self, tenancy: &Tenancy, after: Option<&'a str>) -> Result<RemoteRuns>;

    /// One run with its steps; none when it is not there any more.
    ///
    /// # Errors
    /// `upstream` kinds.
    async fn run(&self, tenancy: &Tenancy, run: &ExternalId) -> Result<Option<RemoteRunDetails>>;

    /// What a workspace fills in besides the address to bring a server of its own: texts, some of them secret. The form,
    /// what is asked for, and what is kept out of sight follow from it.
    fn login(&self) -> Vec<Field>;

    /// Whether the operator named a server on which tenancies can be made.
    fn provisions(&self) -> bool {
        false
    }

    /// What replaces the keys of tenancies, where tenancies have keys of their own.
    fn keys<'a>(&'a self) -> Option<&'a dyn HostedKeys> {
        None
    }

    /// What stops and repeats runs, where that is possible; see [`Capabilities`](crate::flow::Capabilities).
    fn run_control<'a>(&'a self) -> Option<&'a dyn RunControl> {
        None
    }

    /// The credentials that the engine keeps for its flows, where it does.
    fn credentials<'a>(&'a self) -> Option<&'a dyn HostedCredentials> {
        None
    }
}

/// The keys of tenancies that were made for workspaces.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait HostedKeys: Send + Sync {
    /// Replaces the keys of the tenancy; the old ones are dead then.
    ///
    /// # Errors
    /// `unsupported` where the workspace brought the key itself.
    async fn rotate(&self, tenancy: &Tenancy) -> Result<Tenancy>;
}

/// What can be done with runs that have begun.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait RunControl: Send + Sync {
    /// Stops a run.
    ///
    /// # Errors
    /// `run_ended`; `unsupported` where runs cannot be stopped, as unless it is overridden; `upstream` kinds.
    async fn cancel(&self, tenancy: &Tenancy, run: &ExternalId) -> Result<()> {
        let _ = (tenancy, run);
        Err(Error::unsupported("stopping a run of this engine"))
    }

    /// Repeats a run from its failed step; the new run's id.
    ///
    /// # Errors
    /// `conflict` for a run that did not fail; `unsupported` where runs cannot be repeated, as unless it is overridden;
    /// `upstream` kinds.
    async fn retry(&self, tenancy: &Tenancy, run: &ExternalId) -> Result<Option<ExternalId>> {
        let _ = (tenancy, run);
        Err(Error::unsupported("repeating a run from its failed step"))
    }
}

/// Credentials that the engine keeps itself. Their values are given to it and never come back.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait HostedCredentials: Send + Sync {
    /// The workspace's credentials.
    ///
    /// # Errors
    /// `upstream` kinds.
    async fn list(&self, tenancy: &Tenancy) -> Result<Vec<RemoteCredential>>;

    /// Keeps a credential.
    ///
    /// # Errors
    /// `invalid_input` naming the value at fault; `upstream` kinds.
    async fn create(&self, tenancy: &Tenancy, new: &NewCredential) -> Result<RemoteCredential>;

    /// Gives a credential another name, or other values.
    ///
    /// # Errors
    /// As [`HostedCredentials::create`].
    async fn change<'a>(
        &self,
        tenancy: &Tenancy,
        known: &RemoteCredential,
        name: Option<&'a str>,
        values: Option<&'a Secret>,
    ) -> Result<RemoteCredential>;

    /// Tries a credential; none when the engine cannot tell.
    ///
    /// # Errors
    /// `upstream` kinds.
    async fn test(&self, tenancy: &Tenancy, credential: &ExternalId) -> Result<Option<bool>>;

    /// Deletes a credential; one that is not there any more is deleted already.
    ///
    /// # Errors
    /// `upstream` kinds.
    async fn delete(&self, tenancy: &Tenancy, credential: &ExternalId) -> Result<()>;
}

/// The values of a credential as an object, read at the edge of the adapter.
///
/// # Errors
/// `invalid_input` when it is not an object.
pub fn credential_values(values: &Secret) -> Result<Map<String, Value>> {
    serde_json::from_str(values.expose())
        .map_err(|_| Error::invalid("secret", "must be an object of the kind's fields"))
}
