use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    ChatId, FlowId, Page, Result, Role, Timestamp,
    action::{Action, ActionSpec, Context, Method},
    chat::Session,
};

/// Lists your conversations, newest first.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListSessions {
    /// With this text in the title, upper and lower case alike.
    #[serde(default)]
    pub q: Option<String>,
    /// The most items of a page.
    #[serde(default)]
    pub limit: Option<u32>,
    /// Where the page begins.
    #[serde(default)]
    pub cursor: Option<String>,
}

/// A conversation in a list.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SessionSummary {
    /// Its id.
    pub id: ChatId,
    /// What people read; empty until something was said.
    pub title: String,
    /// The automation that it is about.
    pub flow: Option<FlowId>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When something was last said.
    pub updated_at: Timestamp,
}

impl From<Session> for SessionSummary {
    fn from(session: Session) -> Self {
        let Session { id, title, flow, created_at, updated_at, .. } = session;
        Self { id, title, flow, created_at, updated_at }
    }
}

#[async_trait]
impl Action for ListSessions {
    const SPEC: ActionSpec = ActionSpec::read("chat.sessions.list", Method::Get, "/chat/sessions").role(Role::Member);
    type Output = Page<SessionSummary>;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let page = cx.page(self.limit, self.cursor.as_deref())?;
        let owner = cx.principal().owner();
        let Page { items, next } = cx.read().await?.chat().sessions(owner, self.q, &page).await?;
        Ok(Page { items: items.into_iter().map(SessionSummary::from).collect(), next })
    }
}
