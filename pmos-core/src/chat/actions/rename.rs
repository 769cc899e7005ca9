use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{SessionSummary, own, subject, title};
use crate::{
    ChatId, Error, Result, Role,
    action::{Action, ActionSpec, Context, Method},
    audit::Subject,
};

/// Renames one of your conversations.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RenameSession {
    /// Which.
    pub session: ChatId,
    /// What people read.
    #[schemars(length(min = 1, max = 120))]
    pub title: String,
}

#[async_trait]
impl Action for RenameSession {
    const SPEC: ActionSpec =
        ActionSpec::draft("chat.sessions.rename", Method::Patch, "/chat/sessions/{session}").role(Role::Member);
    type Output = SessionSummary;

    fn subject(&self) -> Option<Subject> {
        Some(subject(self.session))
    }

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let mut session = own(cx, self.session).await?;
        session.title = title(&self.title)?;
        if !cx.write().await?.chat().update_session(&session).await? {
            return Err(Error::not_found());
        }
        Ok(session.into())
    }
}
