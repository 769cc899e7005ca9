use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Published;
use crate::{
    FlowId, Page, Result, Role, RunId, Timestamp,
    action::{Action, ActionSpec, Context, Method},
    run::RunStatus,
    store::{FlowEntry, FlowFilter},
    workspace::Label,
};

/// Lists automations, newest first.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListFlows {
    /// Of this engine.
    pub engine: Option<String>,
    /// With this text in the name.
    pub q: Option<String>,
    /// Live or not.
    pub enabled: Option<bool>,
    /// Whose newest run stands like this.
    pub status: Option<RunStatus>,
    /// How many at most, 1 to 200.
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// An automation in a list.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct FlowSummary {
    /// Its id.
    pub id: FlowId,
    /// The engine that runs it.
    pub engine: String,
    /// What people read.
    pub name: Label,
    /// Whether its triggers are live.
    pub enabled: bool,
    /// The revision of the draft.
    pub revision: String,
    /// The live version.
    pub published: Option<Published>,
    /// Whether the draft differs from the live version.
    pub pending: bool,
    /// How many issues the draft has.
    pub issues_count: u32,
    /// The operation of its trigger, as `webhook`.
    pub trigger: Option<String>,
    /// Its newest run.
    pub last_run: Option<LastRun>,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// The newest run of an automation.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct LastRun {
    /// The run.
    pub id: RunId,
    /// How it stands.
    pub status: RunStatus,
    /// When it began.
    pub at: Timestamp,
}

impl From<FlowEntry> for FlowSummary {
    fn from(entry: FlowEntry) -> Self {
        Self {
            id: entry.id,
            engine: entry.engine,
            name: entry.name,
            enabled: entry.enabled,
            revision: entry.revision.to_string(),
            pending: entry.published.is_none_or(|published| published.revision != entry.revision),
            published: entry.published.map(|published| Published { version: published.version, at: published.at }),
            issues_count: entry.issues_count,
            trigger: entry.trigger,
            last_run: entry.last_run.map(|(id, status, at)| LastRun { id, status, at }),
            updated_at: entry.updated_at,
        }
    }
}

#[async_trait]
impl Action for ListFlows {
    const SPEC: ActionSpec = ActionSpec::read("flows.list", Method::Get, "/flows").role(Role::Viewer).agents();
    type Output = Page<FlowSummary>;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let page = cx.page(self.limit, self.cursor.as_deref())?;
        let filter = FlowFilter { engine: self.engine, text: self.q, enabled: self.enabled, last_status: self.status };
        Ok(cx.read().await?.flows().list(&filter, &page).await?.map(FlowSummary::from))
    }
}
