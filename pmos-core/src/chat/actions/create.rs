use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{SessionSummary, subject, title};
use crate::{
    Error, FlowId, Result, Role,
    action::{Action, ActionSpec, Context, Method},
    chat::Session,
};

/// Begins a conversation with the assistant.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateSession {
    /// What people read; made from the first message when left out.
    #[serde(default)]
    #[schemars(length(max = 120))]
    pub title: Option<String>,
    /// The automation that it is about.
    #[serde(default)]
    pub flow: Option<FlowId>,
}

#[async_trait]
impl Action for CreateSession {
    const SPEC: ActionSpec =
        ActionSpec::draft("chat.sessions.create", Method::Post, "/chat/sessions").role(Role::Member).created();
    type Output = SessionSummary;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let title = self.title.as_deref().map(title).transpose()?.unwrap_or_default();
        if let Some(flow) = self.flow {
            Context::found(cx.read().await?.flows().get(flow).await?)?;
        }
        let owner =
            cx.actor().person().ok_or_else(|| Error::forbidden("Only a person can chat; use a personal key."))?;
        let now = cx.now();
        let session =
            Session { id: cx.new_id()?, owner, title, flow: self.flow, seq: 0, created_at: now, updated_at: now };
        cx.write().await?.chat().insert_session(&session).await?;
        cx.about(subject(session.id));
        Ok(session.into())
    }
}
