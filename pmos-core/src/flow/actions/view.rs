//! A flow as people get it.

use std::{borrow::Cow, collections::BTreeMap};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::{
    FlowId, Result, Role, Timestamp,
    action::Context,
    flow::{FlowEngine, Graph, Issue, StepId, hosting},
    store::FlowRow,
    workspace::Label,
};

/// JSON text that is passed on as it was kept, with the schema of what it holds.
#[derive(Debug, Clone)]
pub struct StoredJson<T>(Box<RawValue>, std::marker::PhantomData<fn() -> T>);

impl<T> StoredJson<T> {
    pub(crate) fn new(text: Box<RawValue>) -> Self {
        Self(text, std::marker::PhantomData)
    }
}

impl<T> Serialize for StoredJson<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<T: JsonSchema> JsonSchema for StoredJson<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// A flow with its draft.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct FlowDetails {
    /// Its id.
    pub id: FlowId,
    /// The engine that runs it.
    pub engine: String,
    /// What people read.
    pub name: Label,
    /// Whether its triggers are live.
    pub enabled: bool,
    /// The base of the next edit.
    pub revision: String,
    /// What is edited.
    pub draft: StoredJson<Graph>,
    /// By id of a step, the name under which `pieces.get` and `pieces.options` know what describes it, as
    /// `n8n-nodes-base.set@2`. Steps that are not here are described by their `piece`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub forms: BTreeMap<StepId, String>,
    /// The live version.
    pub published: Option<Published>,
    /// Whether the draft differs from the live version.
    pub pending: bool,
    /// What keeps the draft from being published.
    pub issues: StoredJson<Vec<Issue>>,
    /// The address that starts it, when its trigger is a webhook; only for those who may start it.
    pub hook_url: Option<String>,
    /// The next times at which the draft would start by itself, once it is live; at most five.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub upcoming: Vec<Timestamp>,
    /// Whether edits were put on top of another's change.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub merged: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A live version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Published {
    /// Its number, from 1.
    pub version: u32,
    /// When it was made.
    pub at: Timestamp,
}

impl FlowDetails {
    /// A flow as people get it; `merged` when edits were put on top of another's.
    pub(in crate::flow) fn of(cx: &Context<'_>, row: FlowRow, engine: &dyn FlowEngine, merged: bool) -> Result<Self> {
        let draft = engine.lens().view_text(&row.document)?;
        let forms = engine.lens().forms(&row.document);
        let upcoming = hosting::upcoming(cx, engine, &row);
        // Who knows the address can start the automation.
        let may_start = cx.scope()?.role() >= Role::Member;
        let hook_url = row
            .hook_url
            .or_else(|| (row.trigger.as_deref() == Some("webhook")).then(|| cx.hook_url(&row.hook_token)))
            .filter(|_| may_start);
        Ok(Self {
            id: row.id,
            engine: row.engine,
            name: row.name,
            enabled: row.enabled,
            revision: row.revision.to_string(),
            draft: StoredJson::new(draft),
            forms,
            pending: row.published.is_none_or(|published| published.revision != row.revision),
            published: row.published.map(|published| Published { version: published.version, at: published.at }),
            issues: StoredJson::new(row.issues),
            hook_url,
            upcoming,
            merged,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}
