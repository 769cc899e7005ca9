use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ConnectionView;
use crate::{
    Page, Result, Role,
    action::{Action, ActionSpec, Context, Method},
    connection::hosting,
};

/// Lists stored credentials, without their secrets.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListConnections {
    /// Kept by this engine; `embedded` when left out.
    pub engine: Option<String>,
    /// How many at most, 1 to 200.
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

#[async_trait]
impl Action for ListConnections {
    const SPEC: ActionSpec =
        ActionSpec::read("connections.list", Method::Get, "/connections").role(Role::Viewer).agents().refreshes();
    type Output = Page<ConnectionView>;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let page = cx.page(self.limit, self.cursor.as_deref())?;
        hosting::list(cx, self.engine.as_deref(), &page).await
    }
}
