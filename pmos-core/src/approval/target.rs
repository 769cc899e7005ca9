//! What a call that waits is about, as people see it before they decide.

use std::{collections::BTreeSet, fmt};

use serde::Serialize;
use serde_json::{Value, value::RawValue};
use url::Url;

use crate::{
    ConnectionId, Error, FlowId, Id, Result,
    audit::Subject,
    flow::{Engines, FlowEdit, Graph},
    store::{FlowRow, UnitOfWork},
};

/// The state of what a call is about. A call that was approved on another one is not carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptRevision {
    draft: u64,
    published: Option<u32>,
}

impl fmt::Display for KeptRevision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.draft, self.published.unwrap_or_default())
    }
}

/// What a call is about.
#[derive(Debug, Default)]
pub(crate) struct Target {
    /// What people call it.
    pub(crate) name: Option<String>,
    /// Its state.
    pub(crate) revision: Option<KeptRevision>,
    /// What the call will touch.
    pub(crate) preview: Option<Box<RawValue>>,
}

/// What the call of an automation will touch.
#[derive(Serialize)]
struct Preview {
    flow: FlowId,
    name: String,
    /// What makes the draft different from what is live; all of it, when nothing is.
    flow_diff: Vec<FlowEdit>,
    /// The hosts that its steps name.
    hosts: BTreeSet<String>,
    /// The connections that its steps use.
    connections: BTreeSet<ConnectionId>,
}

impl Target {
    /// Looks at what a call is about.
    ///
    /// # Errors
    /// `not_found` when it is not there; when the store cannot be read.
    pub(crate) async fn of(subject: Option<&Subject>, unit: &mut dyn UnitOfWork, engines: &Engines) -> Result<Self> {
        match subject.map(|subject| (subject.kind.as_str(), subject.id.as_str())) {
            Some(("flow", id)) => Self::flow(parsed(id)?, unit, engines).await,
            Some(("run", id)) => {
                unit.runs().get(parsed(id)?).await?.ok_or_else(Error::not_found)?;
                Ok(Self::default())
            }
            _ => Ok(Self::default()),
        }
    }

    async fn flow(flow: FlowId, unit: &mut dyn UnitOfWork, engines: &Engines) -> Result<Self> {
        let row = unit.flows().get(flow).await?.ok_or_else(Error::not_found)?;
        let live = match row.published {
            Some(published) => unit.flows().version(flow, published.version).await?.map(|version| version.document),
            None => None,
        };
        let lens = engines.get(&row.engine)?.lens();
        let draft = lens.view(&row.document)?;
        let before = live.map(|document| lens.view(&document)).transpose()?.unwrap_or_default();
        let preview = Preview {
            flow,
            name: row.name.to_string(),
            flow_diff: lens.diff(&before, &draft),
            hosts: hosts(&draft),
            connections: draft.steps.iter().filter_map(|step| step.connection).collect(),
        };
        let preview = serde_json::value::to_raw_value(&preview);
        Ok(Self {
            name: Some(row.name.to_string()),
            revision: Some(revision(&row)),
            preview: Some(preview.map_err(|cause| Error::internal("write a preview").because(cause))?),
        })
    }
}

fn parsed<T: Id>(id: &str) -> Result<T> {
    id.parse().map_err(|_| Error::not_found())
}

fn revision(row: &FlowRow) -> KeptRevision {
    KeptRevision { draft: row.revision, published: row.published.map(|published| published.version) }
}

fn hosts(graph: &Graph) -> BTreeSet<String> {
    let texts = graph.steps.iter().flat_map(|step| step.settings.values()).filter_map(Value::as_str);
    texts.filter_map(|text| Url::parse(text).ok()?.host_str().map(str::to_owned)).collect()
}
