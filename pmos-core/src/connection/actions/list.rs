use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    ConnectionView, remote,
    view::{EMBEDDED, view},
};
use crate::{
    Page, Result, Role,
    action::{Action, ActionSpec, Context, Method},
    flow::Host,
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
        let wanted = self.engine.as_deref().unwrap_or(EMBEDDED);
        if let Ok(engine) = cx.engines().get(wanted)
            && let Host::Remote(_) = engine.host()
        {
            return remote::list(cx, &**engine).await.map(Page::whole);
        }
        if wanted != EMBEDDED {
            return Ok(Page::whole(Vec::new()));
        }
        let Page { items, next } = cx.read().await?.connections().list(&page).await?;
        let mut views = Vec::with_capacity(items.len());
        for connection in items {
            views.push(view(cx, connection).await?);
        }
        Ok(Page { items: views, next })
    }
}
