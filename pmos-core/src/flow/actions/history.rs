use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::view::StoredJson;
use crate::{
    EditId, FlowId, Page, Result, Role, Timestamp,
    action::{Action, ActionSpec, Context, Method},
    flow::FlowEdit,
    store::EditRow,
};

/// Lists the changes of an automation's draft, newest first.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetHistory {
    /// Which.
    pub flow: FlowId,
    /// How many at most, 1 to 200.
    #[serde(default)]
    pub limit: Option<u32>,
    /// Where the page before ended.
    #[serde(default)]
    pub cursor: Option<String>,
}

/// A change of a draft.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct HistoryEntry {
    /// Its id.
    pub id: EditId,
    /// The revision before.
    pub base: String,
    /// The revision after.
    pub revision: String,
    /// Who made it, as `usr_…`; `outside` for a change made at the engine itself.
    pub author: String,
    /// What was said about it.
    pub note: Option<String>,
    /// What was done, with every consequence.
    pub edits: StoredJson<Vec<FlowEdit>>,
    /// What takes it back, which holds what was there before.
    pub inverses: StoredJson<Vec<FlowEdit>>,
    /// Whether it is only kept here, because it could not be put together with what others did.
    pub conflict: bool,
    /// When.
    pub at: Timestamp,
}

impl From<EditRow> for HistoryEntry {
    fn from(row: EditRow) -> Self {
        Self {
            id: row.id,
            base: row.base.to_string(),
            revision: row.revision.to_string(),
            author: row.author,
            note: row.note,
            edits: StoredJson::new(row.edits),
            inverses: StoredJson::new(row.inverses),
            conflict: row.conflict,
            at: row.at,
        }
    }
}

#[async_trait]
impl Action for GetHistory {
    const SPEC: ActionSpec =
        ActionSpec::read("flows.history", Method::Get, "/flows/{flow}/history").role(Role::Viewer).agents();
    type Output = Page<HistoryEntry>;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let page = cx.page(self.limit, self.cursor.as_deref())?;
        Context::found(cx.read().await?.flows().get(self.flow).await?)?;
        Ok(cx.read().await?.flows().edits(self.flow, &page).await?.map(HistoryEntry::from))
    }
}
