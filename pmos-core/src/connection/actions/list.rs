use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ConnectionView, view::view};
use crate::{
    Page, Result, Role,
    action::{Action, ActionSpec, Cx, Method},
};

/// Lists stored credentials, without their secrets.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListConnections {
    /// Kept by this engine.
    pub engine: Option<String>,
    /// How many at most, 1 to 200.
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

#[async_trait]
impl Action for ListConnections {
    const SPEC: ActionSpec =
        ActionSpec::read("connections.list", Method::Get, "/connections").role(Role::Viewer).agents();
    type Output = Page<ConnectionView>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Self::Output> {
        let page = cx.page(self.limit, self.cursor.as_deref())?;
        if self.engine.is_some_and(|engine| engine != "embedded") {
            return Ok(Page::whole(Vec::new()));
        }
        let Page { items, next } = cx.unit().await?.connections().list(&page).await?;
        let mut views = Vec::with_capacity(items.len());
        for connection in items {
            views.push(view(cx, connection).await?);
        }
        Ok(Page { items: views, next })
    }
}
