use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::own_account;
use crate::{
    Page, Result, SessionId, Timestamp,
    action::{Action, ActionSpec, Channels, Context, Method},
    identity::Session,
};

/// Lists one's signed-in browsers, newest first.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListSessions {
    /// How many at most.
    #[serde(default)]
    #[schemars(range(min = 1, max = 200))]
    pub limit: Option<u32>,
    /// Go on after this place.
    #[serde(default)]
    pub cursor: Option<String>,
}

/// A signed-in browser, seen by its owner.
#[derive(Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct SessionView {
    /// Its id.
    pub id: SessionId,
    /// Whether it is the one that asks.
    pub current: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Timestamp,
    /// The address it was made from.
    pub address: String,
    /// The browser it was made with.
    pub user_agent: String,
}

#[async_trait]
impl Action for ListSessions {
    const SPEC: ActionSpec =
        ActionSpec::read("me.sessions", Method::Get, "/api/v1/me/sessions").person().channels(Channels::HANDS);
    type Output = Page<SessionView>;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let (_, person) = own_account(cx)?;
        let (page, current) = (cx.page(self.limit, self.cursor.as_deref())?, cx.principal().session());
        let sessions = cx.system().await?.sessions().list(person.id, &page).await?;
        Ok(sessions.map(|Session { id, created_at, last_used_at, address, user_agent, .. }| SessionView {
            current: Some(id) == current,
            id,
            created_at,
            last_used_at,
            address,
            user_agent,
        }))
    }
}
