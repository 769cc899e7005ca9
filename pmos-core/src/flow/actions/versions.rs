use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    FlowId, Page, Result, Role, Timestamp,
    action::{Action, ActionSpec, Context, Method},
    store::VersionEntry,
};

/// Lists the published versions of an automation, newest first.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListVersions {
    /// Which automation.
    pub flow: FlowId,
    /// How many at most, 1 to 200.
    #[serde(default)]
    pub limit: Option<u32>,
    /// Where the page before ended.
    #[serde(default)]
    pub cursor: Option<String>,
}

/// A published version.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct VersionSummary {
    /// Its number, from 1.
    pub version: u32,
    /// When it was made.
    pub at: Timestamp,
    /// Who made it, as `usr_…`; `outside` for one that was published at the engine itself.
    pub author: String,
    /// What was said about it.
    pub note: Option<String>,
}

impl From<VersionEntry> for VersionSummary {
    fn from(VersionEntry { version, at, by: author, note }: VersionEntry) -> Self {
        Self { version, at, author, note }
    }
}

#[async_trait]
impl Action for ListVersions {
    const SPEC: ActionSpec =
        ActionSpec::read("flows.versions", Method::Get, "/flows/{flow}/versions").role(Role::Viewer).agents();
    type Output = Page<VersionSummary>;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let page = cx.page(self.limit, self.cursor.as_deref())?;
        Context::found(cx.read().await?.flows().get(self.flow).await?)?;
        Ok(cx.read().await?.flows().versions(self.flow, &page).await?.map(VersionSummary::from))
    }
}
