use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::own;
use crate::{
    ChatId, Error, Result, Role,
    action::{Action, ActionSpec, Context, Method},
    chat::ChatEvent,
    store::EventChoice,
};

/// Lists what happened in one of your conversations after an event, in order.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListEvents {
    /// Which.
    pub session: ChatId,
    /// The number of the last event that is known; 0 for all.
    #[serde(default)]
    pub after: u64,
    /// The most events of a page, 500 when left out.
    #[serde(default)]
    #[schemars(range(min = 1, max = 1000))]
    pub limit: Option<u32>,
}

/// What happened in a conversation.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EventPage {
    /// In order, without gaps.
    pub items: Vec<ChatEvent>,
    /// The number of the last of them: what to ask for next time. When there is none, that what was asked for.
    pub next: u64,
}

#[async_trait]
impl Action for ListEvents {
    const SPEC: ActionSpec =
        ActionSpec::read("chat.events", Method::Get, "/chat/sessions/{session}/events").role(Role::Member);
    type Output = EventPage;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let limit = self.limit.unwrap_or(500);
        if !(1..=1_000).contains(&limit) {
            return Err(Error::invalid("limit", "must be 1 to 1000"));
        }
        own(cx, self.session).await?;
        let items = cx.read().await?.chat().events(self.session, self.after, EventChoice::All, limit).await?;
        let next = items.last().map_or(self.after, |event| event.seq);
        Ok(EventPage { items, next })
    }
}
