//! What a flow engine offers.

#![cfg_attr(feature = "testkit", allow(clippy::ref_option_ref, reason = "the form in which mockall keeps arguments"))]

use std::{collections::BTreeMap, fmt, sync::Arc};

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, value::RawValue};

use super::{
    Datum, Dialect, Document, Field, FlowEdit, Graph, Issue, Piece, PieceSummary, PlainDialect, Remains, StepId,
};
use crate::{
    ConnectionId, Error, FlowId, Result,
    engine::{FlowHost, KnownCredential, Tenancy},
    outward::Outward,
    run::Runner,
};

/// A flow engine: what it can do, how its documents are read and changed, and who runs them.
pub trait FlowEngine: fmt::Display + fmt::Debug + Send + Sync {
    /// Its name and what it can do.
    fn descriptor(&self) -> &EngineDescriptor;
    /// How its documents are read and changed.
    fn lens(&self) -> &dyn FlowLens;
    /// Where its documents live.
    fn host(&self) -> Host<'_>;
    /// What its flows can be built of.
    fn catalog(&self) -> Guarded<'_, dyn Catalog>;
}

/// Where the documents of an engine live and who runs them.
#[derive(Clone, Copy)]
pub enum Host<'a> {
    /// In our own store, changed inside the action's unit of work, run inside this process.
    Embedded(&'a dyn Runner),
    /// At a remote server. Our store keeps a mirror of every document; the server's own stays the truth.
    Remote(Remote<'a>),
}

/// A remote engine.
pub type Remote<'a> = Guarded<'a, dyn FlowHost + 'a>;

/// What may be far away, to be called only by those who hold no unit of work.
pub struct Guarded<'a, T: ?Sized>(&'a T);

impl<'a, T: ?Sized> Guarded<'a, T> {
    /// Wraps what calls outward.
    pub fn new(inner: &'a T) -> Self {
        Self(inner)
    }

    /// What calls outward, for those on their way there.
    pub fn through<'s>(self, _: &'s Outward<'_>) -> &'s T
    where
        'a: 's,
    {
        self.0
    }

    /// The same for tests, which hold nothing.
    #[cfg(feature = "testkit")]
    pub fn for_tests(self) -> &'a T {
        self.0
    }
}

impl<'a> Guarded<'a, dyn FlowHost + 'a> {
    /// What a workspace fills in to bring a server of its own: data, for which no server is asked.
    pub fn login(self) -> Vec<Field> {
        self.0.login()
    }
}

impl<T: ?Sized> Clone for Guarded<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for Guarded<'_, T> {}

impl fmt::Debug for Host<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Embedded(_) => "Embedded",
            Self::Remote(_) => "Remote",
        })
    }
}

impl<T: ?Sized> fmt::Debug for Guarded<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guarded")
    }
}

/// Who an engine is and what it can do.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct EngineDescriptor {
    /// A slug, as `embedded`.
    pub name: String,
    /// What people read.
    pub title: String,
    /// The version of the engine, where it has one of its own.
    pub version: String,
    /// What it can do.
    pub capabilities: Capabilities,
}

/// What an engine can do. Screens and tests branch on these, never on an engine's name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "capabilities are independent facts")]
pub struct Capabilities {
    /// Steps have positions and any step may be connected with any other.
    pub free_layout: bool,
    /// A flow may have several triggers, or none.
    pub multiple_triggers: bool,
    /// What is edited differs from what runs until it is published.
    pub drafts: bool,
    /// Published versions are kept.
    pub versions: bool,
    /// An old version can be made live again.
    pub rollback: bool,
    /// A single step can be tried.
    pub test_step: bool,
    /// Steps of every run are shown while it is at work. Without it that may still be so for some runs.
    pub live_steps: bool,
    /// A running run can be stopped.
    pub cancel_running: bool,
    /// A failed run can go on from the failed step.
    pub retry_from_failed: bool,
    /// A run can be started with a given input.
    pub start_with_input: bool,
    /// A step has separate ways out for success and failure.
    pub error_ports: bool,
    /// The engine keeps credentials of its own.
    pub connections: bool,
    /// Options of fields are looked up while a form is filled in.
    pub dynamic_options: bool,
    /// The engine itself keeps tenants apart.
    pub hard_isolation: bool,
}

/// Reads and changes the documents of one engine. Pure: no clock, no network, no store.
///
/// The law, checked by `testkit::engine` over random documents and edits: for `x = expand(d, e)`,
/// `view(apply(d, x)) == fold(view(d), x)`, and whatever the view does not show stays as it was in every step that `x`
/// does not touch.
#[cfg_attr(feature = "testkit", mockall::automock)]
pub trait FlowLens: Send + Sync {
    /// A new document with this content.
    ///
    /// # Errors
    /// [`Error`] of kind `Invalid` naming the step or edge this engine cannot hold.
    fn create(&self, graph: &Graph) -> Result<Document>;

    /// The document of a copy: what only one flow may have, as the address of a webhook, is not in it.
    ///
    /// # Errors
    /// When the document is not one of this engine's.
    fn duplicate(&self, document: &Document) -> Result<Document> {
        Ok(document.clone())
    }

    /// What people see of a document.
    ///
    /// # Errors
    /// When the document is not one of this engine's.
    fn view(&self, document: &Document) -> Result<Graph>;

    /// The same as JSON text; a lens whose documents are graphs already passes the text on.
    ///
    /// # Errors
    /// As [`FlowLens::view`].
    fn view_text(&self, document: &Document) -> Result<Box<RawValue>> {
        let graph = self.view(document)?;
        serde_json::value::to_raw_value(&graph).map_err(|cause| Error::internal("write a graph").because(cause))
    }

    /// The edit with every consequence made explicit: ids of new steps, rewritten references, dropped edges.
    ///
    /// # Errors
    /// [`Error`] of kind `Invalid` when the edit does not fit the document.
    fn expand(&self, document: &Document, edit: &FlowEdit) -> Result<Vec<FlowEdit>>;

    /// The document after these expanded edits, all or none.
    ///
    /// # Errors
    /// [`Error`] of kind `Invalid` when an edit does not fit.
    fn apply(&self, document: &Document, edits: &[FlowEdit]) -> Result<Document>;

    /// Expands and applies a list of edits, each made on what the ones before led to; returns the new document and the
    /// explicit edits. A lens that can take the whole list in one pass does so here: long lists on large documents are
    /// costly one by one.
    ///
    /// # Errors
    /// [`Error`] of kind `Invalid` naming the edit that does not fit, as `edits[3].after`; nothing is applied then.
    fn edit(&self, document: &Document, edits: &[FlowEdit]) -> Result<(Document, Vec<FlowEdit>)> {
        super::edit::one_by_one(self, document, edits)
    }

    /// What these expanded edits take away from the document that no view shows; the history keeps it beside them. None
    /// when they take nothing of the kind, as in every engine whose documents are shown whole.
    ///
    /// # Errors
    /// As [`FlowLens::apply`].
    fn remains(&self, document: &Document, edits: &[FlowEdit]) -> Result<Option<Remains>> {
        let _ = (document, edits);
        Ok(None)
    }

    /// Applies expanded edits that take others back: as [`FlowLens::apply`], and whatever is shown again as it was also
    /// gets back what [`FlowLens::remains`] kept of it.
    ///
    /// # Errors
    /// As [`FlowLens::apply`], and when the remains are not of this engine.
    fn restore(&self, document: &Document, edits: &[FlowEdit], remains: &Remains) -> Result<Document> {
        let _ = remains;
        self.apply(document, edits)
    }

    /// Edits that lead from one view to the other.
    fn diff(&self, from: &Graph, to: &Graph) -> Vec<FlowEdit>;

    /// What keeps a document from doing what it should; empty when it may be published.
    fn check(&self, document: &Document) -> Vec<Issue>;

    /// How new steps are named and references between steps are written.
    fn dialect(&self) -> &dyn Dialect {
        &PlainDialect
    }

    /// The document with the engine's credentials known under our ids, so that views can name them.
    ///
    /// # Errors
    /// When the document is not one of this engine's.
    fn link(&self, document: &Document, known: &[KnownCredential]) -> Result<Document> {
        let _ = known;
        Ok(document.clone())
    }

    /// Where steps use the results of other steps.
    fn references(&self, document: &Document) -> Vec<Reference>;

    /// What expressions of a step may refer to, in the order in which it comes about; nothing where expressions are written
    /// in the words of a remote engine.
    ///
    /// # Errors
    /// When the document is not one of this engine's.
    fn scope(&self, document: &Document, step: &StepId) -> Result<Vec<Datum>> {
        let _ = (document, step);
        Ok(Vec::new())
    }

    /// The automations that steps of this one run, by step.
    fn calls(&self, document: &Document) -> Vec<(StepId, FlowId)> {
        let _ = document;
        Vec::new()
    }

    /// The names under which the catalogue describes steps, where [`Step::piece`](super::Step::piece) says too little: an
    /// engine whose pieces have versions names that of the step. All other steps are described by their piece.
    fn forms(&self, document: &Document) -> BTreeMap<StepId, String> {
        let _ = document;
        BTreeMap::new()
    }
}

/// A place where a step uses what another step gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reference {
    /// The step that uses it.
    pub step: StepId,
    /// The setting, as `values.total`.
    pub field: String,
    /// The byte range of the expression in the text of the setting.
    pub range: (usize, usize),
    /// The step whose result is used.
    pub target: StepId,
    /// The path into that result, as `body.qty`.
    pub path: String,
}

/// What flows of an engine can be built of. Remote engines are asked for a workspace, by its place there; an engine
/// inside this process needs none.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait Catalog: Send + Sync {
    /// All pieces, without their fields.
    ///
    /// # Errors
    /// When a remote engine does not answer.
    async fn pieces<'a>(&self, at: Option<&'a Tenancy>) -> Result<Arc<[PieceSummary]>>;

    /// One piece with its operations and their fields; none when there is none of this name.
    ///
    /// # Errors
    /// When a remote engine does not answer.
    async fn piece<'a>(&self, at: Option<&'a Tenancy>, name: &str) -> Result<Option<Arc<Piece>>>;

    /// Ready-made flows to begin with.
    ///
    /// # Errors
    /// When a remote engine does not answer.
    async fn templates(&self) -> Result<Arc<[Template]>>;

    /// A kind of credential that the engine keeps, as pieces name it in [`Piece::auth`].
    ///
    /// # Errors
    /// When a remote engine does not answer.
    async fn credential_kind<'a>(&self, at: Option<&'a Tenancy>, name: &str) -> Result<Option<CredentialForm>> {
        let _ = (at, name);
        Ok(None)
    }

    /// The options of a field that depend on other settings or on an account.
    ///
    /// # Errors
    /// `unsupported` unless the engine has such fields.
    async fn options<'a>(
        &self,
        at: Option<&'a Tenancy>,
        question: &OptionsQuestion,
        credential: Option<&'a KnownCredential>,
    ) -> Result<Vec<super::FieldOption>> {
        let _ = (at, question, credential);
        Err(Error::unsupported("options that depend on other settings"))
    }
}

/// What a credential of some kind consists of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CredentialForm {
    /// The engine's name for the kind, as `httpHeaderAuth`.
    pub name: String,
    /// What people read.
    pub title: String,
    /// What has to be given.
    pub fields: Vec<Field>,
    /// Whether a person has to agree in the browser, at the service itself.
    pub consent: bool,
}

/// Which options are asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OptionsQuestion {
    /// The piece, under the name by which the catalogue describes the step.
    pub piece: String,
    /// The operation.
    pub operation: String,
    /// The path of the field in the settings, as `channel`, `filters.rows.0.column` or, for what a locator's list
    /// holds, `channel.value`.
    pub field: String,
    /// The settings as they stand.
    pub settings: Map<String, Value>,
    /// The stored credential to look with.
    pub connection: Option<ConnectionId>,
    /// What a person typed to narrow the list.
    #[serde(default)]
    pub search: Option<String>,
}

/// A ready-made flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Template {
    /// A slug.
    pub name: String,
    /// What people read.
    pub title: String,
    /// What it does and what it needs, in a sentence or two.
    pub summary: String,
    /// The flow.
    pub graph: Graph,
}

/// The engines of an instance, by name.
#[derive(Debug, Clone, Default)]
pub struct Engines {
    by_name: BTreeMap<String, Arc<dyn FlowEngine>>,
    preferred: Option<String>,
}

impl Engines {
    /// Adds an engine under its own name. The first one is that of new workspaces, unless another is preferred.
    ///
    /// # Errors
    /// `invalid_input` when there is one of that name.
    pub fn add(&mut self, engine: Arc<dyn FlowEngine>) -> Result<()> {
        let name = &engine.descriptor().name;
        if self.by_name.contains_key(name) {
            return Err(Error::invalid("engine", format!("there are two engines called {name:?}")));
        }
        self.preferred.get_or_insert_with(|| name.clone());
        self.by_name.insert(name.clone(), engine);
        Ok(())
    }

    /// Makes this one the engine of new workspaces.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn prefer(&mut self, name: &str) -> Result<()> {
        self.preferred = Some(self.get(name)?.descriptor().name.clone());
        Ok(())
    }

    /// The engine of new workspaces.
    ///
    /// # Errors
    /// `invalid_input` when there is no engine at all.
    pub fn preferred(&self) -> Result<&str> {
        self.preferred.as_deref().ok_or_else(|| Error::invalid("engine", "is missing; give at least one flow engine"))
    }

    /// The engine with this name.
    ///
    /// # Errors
    /// [`Error::invalid`] naming the engines there are.
    pub fn get(&self, name: &str) -> Result<&Arc<dyn FlowEngine>> {
        self.by_name.get(name).ok_or_else(|| {
            let names: Vec<_> = self.by_name.keys().map(String::as_str).collect();
            Error::invalid("engine", format!("there is no engine {name:?} here; choose one of: {}", names.join(", ")))
        })
    }

    /// All engines in order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn FlowEngine>> {
        self.by_name.values()
    }
}
